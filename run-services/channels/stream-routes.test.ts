import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { channelsService, type ChannelsService, type Reply } from '#test/helpers/channels-service.ts'
import { atS, planeReports } from '#test/helpers/plane-reports.ts'
import type { CreatedChannelAnswer } from './channel-answer.ts'
import type { MarkerAnswer, StreamAnswer, StreamHealthAnswer, TimelineItem } from './stream-answer.ts'

const STREAM = 'play_streamroutesqqqqqqqqqqqqqq'
// A database start and hundreds of transactions on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let service: ChannelsService
let call: ReturnType<ChannelsService['as']>
let id = ''
let ref = ''
beforeAll(async () => {
  service = await channelsService()
  call = service.as('alice')
  const { body } = (await call('POST', '/v1/channels', { title: 'A show' })) as Reply<CreatedChannelAnswer>
  ref = `ref-${body.id}`
  await service.tell(planeReports(ref, STREAM).started(1, 0))
  const streams = (await call('GET', '/v1/streams?state=live')).body as { data: StreamAnswer[] }
  id = streams.data[0]?.id ?? ''
  service.plane.put({ ref, streamId: STREAM })
  service.clock.nowMs = Date.parse(atS(20))
})
afterAll(() => service[Symbol.asyncDispose]())

const code = (reply: Reply<never>) => (reply.body as { code: string }).code

describe('markers', () => {
  test('stand at the live edge, or where they are put, and are listed by place', async () => {
    const now = (await call('POST', `/v1/streams/${id}/markers`, {
      kind: 'highlight',
      note: 'ការសម្តែង 🎉',
    })) as Reply<MarkerAnswer>
    expect([now.status, now.body.at_ms, now.body.note]).toEqual([201, 20_000, 'ការសម្តែង 🎉'])
    await call('POST', `/v1/streams/${id}/markers`, { kind: 'chapter', at_ms: 5_000 })
    const { data } = (await call('GET', `/v1/streams/${id}/markers`)).body as { data: MarkerAnswer[] }
    expect(data.map(({ at_ms }) => at_ms)).toEqual([5_000, 20_000])
    const first = (await call('GET', `/v1/streams/${id}/markers?limit=1`)).body as { next_cursor: string }
    const rest = (await call('GET', `/v1/streams/${id}/markers?limit=1&cursor=${first.next_cursor}`)).body as {
      data: MarkerAnswer[]
      has_more: boolean
    }
    expect([rest.data[0]?.at_ms, rest.has_more]).toEqual([20_000, false])
  })

  test('sent twice with one Idempotency-Key are one', async () => {
    const send = () =>
      call('POST', `/v1/streams/${id}/markers`, { kind: 'once', at_ms: 1 }, { 'idempotency-key': 'm1' })
    const [first, second] = [await send(), await send()]
    expect([second.body, second.headers.get('idempotent-replayed')]).toEqual([first.body, 'true'])
  })

  test('are refused beyond the show, backwards, huge, of no kind, or in somebody else’s show', async () => {
    for (const body of [
      { kind: 'x', at_ms: 31_000 },
      { kind: 'x', at_ms: -1 },
      { kind: 'x', at_ms: 1e15 },
      { kind: 'Ünsafe' },
      { kind: 'x', who: 'me' },
    ]) {
      expect((await call('POST', `/v1/streams/${id}/markers`, body)).status).toBe(422)
    }
    expect((await service.as('mallory')('POST', `/v1/streams/${id}/markers`, { kind: 'x' })).status).toBe(404)
  })
})

describe('cues', () => {
  test('are placed at the live edge and told of', async () => {
    const sent = await call('POST', `/v1/streams/${id}/cues`, { payload: { kind: 'poll', question: 'Noch eins?' } })
    expect([sent.status, sent.body]).toEqual([201, expect.objectContaining({ placed_at: atS(5), at_ms: 5_000 })])
    const events = await service.events(id)
    expect(events.at(-1)).toMatchObject({ type: 'cue.sent', mediatime: atS(5), data: { payload: { kind: 'poll' } } })
  })

  test('over 1 KB, without a show on the air, or by others are refused', async () => {
    expect(code(await call('POST', `/v1/streams/${id}/cues`, { payload: 'ü'.repeat(600) }))).toBe('cue.too-large')
    expect((await call('POST', `/v1/streams/${id}/cues`, {})).status).toBe(422)
    expect((await service.as('mallory')('POST', `/v1/streams/${id}/cues`, { payload: 1 })).status).toBe(404)
    await service.tell(planeReports(ref, STREAM).stopped(1, 21))
    expect(code(await call('POST', `/v1/streams/${id}/cues`, { payload: 1 }))).toBe('stream.not-live')
    await service.tell(planeReports(ref, STREAM).started(2, 22))
  })
})

describe('health, timeline and lists', () => {
  test('health asks the plane when nothing fresh is known, and keeps what it heard', async () => {
    const health = async () => (await call('GET', `/v1/streams/${id}/health`)).body as StreamHealthAnswer
    expect(await health()).toMatchObject({ state: 'live', current: { level: 'good', sentence: 'All is well.' } })
    service.plane.away = true
    expect((await health()).recent).toHaveLength(1)
    service.plane.away = false
    expect((await service.as('mallory')('GET', `/v1/streams/${id}/health`)).status).toBe(404)
  })

  test('the timeline is the show’s events in order, page by page', async () => {
    const whole = (await call('GET', `/v1/streams/${id}/timeline?limit=100`)).body as { data: TimelineItem[] }
    expect(whole.data.map(({ sequence }) => sequence)).toEqual(whole.data.map((_, index) => index + 1))
    const first = (await call('GET', `/v1/streams/${id}/timeline?limit=3`)).body as { next_cursor: string }
    const next = (await call('GET', `/v1/streams/${id}/timeline?limit=3&cursor=${first.next_cursor}`)).body as {
      data: TimelineItem[]
    }
    expect(next.data[0]).toEqual(whole.data[3])
  })

  test('a ledger is never guessed: without the plane there is none', async () => {
    service.plane.away = true
    expect((await call('GET', `/v1/streams/${id}/ledger`)).status).toBe(503)
    service.plane.away = false
  })

  test('shows of a channel are asked for by name, foreign and strange ids are unknown', async () => {
    expect((await call('GET', '/v1/streams')).status).toBe(422)
    expect((await call('GET', '/v1/streams?state=dead')).status).toBe(422)
    expect((await call('GET', '/v1/streams?channel=chan_nope')).body).toMatchObject({ data: [], has_more: false })
    expect((await call('GET', '/v1/streams/strm_nope')).status).toBe(404)
    expect((await call('GET', `/v1/streams/${'s'.repeat(500)}`)).status).toBe(422)
  })

  test('live shows are public and come newest first, page by page', async () => {
    for (const n of [1, 2, 3]) {
      const { body } = (await call('POST', '/v1/channels', { title: `Show ${n}` })) as Reply<CreatedChannelAnswer>
      await service.tell(planeReports(`ref-${body.id}`, `play_live${n}`).started(1, n))
    }
    const seen: string[] = []
    let path = '/v1/streams?state=live&limit=2'
    for (let pages = 0; pages < 4 && path !== ''; pages += 1) {
      const response = await service.app.request(`http://channels.test${path}`)
      const { data, next_cursor } = (await response.json()) as { data: StreamAnswer[]; next_cursor: string | null }
      seen.push(...data.map(({ started_at }) => started_at ?? ''))
      path = next_cursor === null ? '' : `/v1/streams?state=live&limit=2&cursor=${next_cursor}`
    }
    expect(seen).toEqual([atS(3), atS(2), atS(1), atS(0)])
  })
})
