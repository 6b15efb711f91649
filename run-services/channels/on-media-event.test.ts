import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import { channelsService, type ChannelsService, type Reply } from '#test/helpers/channels-service.ts'
import { atS, planeReports, segmentOf } from '#test/helpers/plane-reports.ts'
import type { CreatedChannelAnswer } from './channel-answer.ts'
import { type Absences, reconcileChannels } from './reconcile-channels.ts'
import type { StreamAnswer, StreamLedgerAnswer } from './stream-answer.ts'

// A database start and hundreds of transactions on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let service: ChannelsService
beforeAll(async () => {
  service = await channelsService()
})
afterAll(() => service[Symbol.asyncDispose]())

let shows = 0
async function newShow(settings: object = {}) {
  const call = service.as('alice')
  const { body: channel } = (await call('POST', '/v1/channels', {
    title: 'A show',
    reconnect_window_s: 30,
    ...settings,
  })) as Reply<CreatedChannelAnswer>
  const ref = `ref-${channel.id}`
  const streamId = `play_${String((shows += 1))
    .padStart(26, 'q')
    .replaceAll(/[0189]/g, d => 'wxyz'['0189'.indexOf(d)] ?? 'w')}`
  const streams = async () =>
    ((await call('GET', `/v1/streams?channel=${channel.id}`)).body as { data: StreamAnswer[] }).data
  const stream = async () => {
    const [first] = await streams()
    if (first === undefined) throw new Error('There is no stream.')
    return first
  }
  const tellAll = async (events: readonly ProviderEvent[]) => {
    for (const event of events) expect(await service.tell(event)).toBe(204)
  }
  const types = async (id: string) => (await service.events(id)).map(({ type }): string => type)
  return { call, channel, ref, streamId, reports: planeReports(ref, streamId), streams, stream, tellAll, types }
}

describe('the life of a show', () => {
  test('goes from the plane to rows, events and the API', async () => {
    const { call, channel, reports, stream, tellAll, types, streamId } = await newShow()
    await tellAll([
      reports.started(1, 0),
      reports.segment(0, 0),
      reports.health('good', 1, 2),
      reports.health('good', 1, 4),
      reports.health('bad', 1, 6),
    ])
    const live = await stream()
    expect(live).toMatchObject({
      state: 'live',
      epoch: 1,
      started_at: atS(0),
      health_level: 'bad',
      title: 'A show',
      creator: { handle: 'alice' },
    })
    expect(live.playback.hls_url).toBe(`http://media.test:8081/live/${streamId}/master.m3u8`)
    expect((await call('GET', `/v1/channels/${channel.id}`)).body).toMatchObject({
      state: 'live',
      live_stream_id: live.id,
    })
    expect(
      ((await call('GET', '/v1/streams?state=live')).body as { data: StreamAnswer[] }).data.map(({ id }) => id),
    ).toContain(live.id)

    await tellAll([reports.stopped(1, 10)])
    expect(await stream()).toMatchObject({ state: 'reconnecting', reconnect_until: atS(40) })
    await tellAll([reports.started(2, 20), reports.stopped(2, 60), reports.over(2, 90), reports.recordingEnded(1, 91)])
    expect(await stream()).toMatchObject({
      state: 'ended',
      ended_at: atS(60),
      duration_ms: 60_000,
      reason: 'reconnect-window',
    })
    expect((await stream()).playback.hls_url).toContain(`/play/${streamId}/`)
    expect((await call('GET', `/v1/channels/${channel.id}`)).body).toMatchObject({
      state: 'idle',
      live_stream_id: null,
    })
    expect(await types(live.id)).toEqual([
      'stream.started',
      'ingest.connected',
      'segment.finalized',
      'stream.health_changed',
      'stream.health_changed',
      'ingest.disconnected',
      'stream.reconnecting',
      'ingest.connected',
      'stream.resumed',
      'ingest.disconnected',
      'stream.reconnecting',
      'stream.ended',
    ])
    const sequences = (await service.events(live.id)).map(event => event.sequence)
    expect(sequences).toEqual(sequences.map((_, index) => index + 1))
  })

  test('is told once however often the plane tells it', async () => {
    const { reports, stream, tellAll, types } = await newShow()
    const told = [
      reports.started(1, 0),
      reports.segment(0, 0),
      reports.segment(1, 2),
      reports.stopped(1, 4),
      reports.over(1, 40),
    ]
    await tellAll([...told, ...told, ...told.toReversed()])
    const counted = await types((await stream()).id)
    expect(counted.filter(type => type === 'segment.finalized')).toHaveLength(2)
    expect(counted.filter(type => type === 'stream.ended')).toHaveLength(1)
  })

  test('of a channel nobody knows is told again later', async () => {
    expect(await service.tell(planeReports('ref-nobody', 'play_nobody').started(1, 0))).toBe(503)
  })

  test('ends in the same state in every order of tellings', async () => {
    const orders = fc.sample(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), { numRuns: 4, seed: 11 })
    const finals = new Set<string>()
    for (const order of orders) {
      const { reports, stream, tellAll } = await newShow()
      const events = [
        reports.started(1, 0),
        reports.segment(0, 0),
        reports.stopped(1, 10),
        reports.started(2, 20),
        reports.segment(1, 20),
        reports.stopped(2, 60),
        reports.over(2, 90),
        reports.recordingEnded(2, 91),
      ]
      await tellAll(order.flatMap(index => events[index] ?? []))
      const { state, epoch, started_at, ended_at, duration_ms, reason } = await stream()
      finals.add(JSON.stringify({ state, epoch, started_at, ended_at, duration_ms, reason }))
    }
    expect([...finals]).toEqual([
      JSON.stringify({
        state: 'ended',
        epoch: 2,
        started_at: atS(0),
        ended_at: atS(60),
        duration_ms: 60_000,
        reason: 'reconnect-window',
      }),
    ])
  })
})

describe('the reconnect window', () => {
  const runWindow = async () => {
    const wake = service.wakes.filter(({ queue }) => queue === 'close-reconnect-window').at(-1)
    service.clock.nowMs = Date.parse(wake?.notBefore ?? '')
    expect((await service.service('/tasks/close-reconnect-window', { job_id: wake?.jobId })).status).toBe(204)
  }

  test('ends the show once when nobody comes back', async () => {
    const { reports, stream, tellAll, types } = await newShow()
    await tellAll([reports.started(1, 0), reports.stopped(1, 10)])
    expect(service.wakes.at(-1)?.notBefore).toBe(atS(43))
    await runWindow()
    expect(await stream()).toMatchObject({ state: 'ended', reason: 'window-closed', ended_at: atS(10) })
    await tellAll([reports.over(1, 40)])
    expect((await types((await stream()).id)).filter(type => type === 'stream.ended')).toHaveLength(1)
  })

  test('leaves a show alone that came back, told or not', async () => {
    const { reports, stream, tellAll, ref, streamId } = await newShow()
    await tellAll([reports.started(1, 0), reports.stopped(1, 10)])
    service.plane.put({ ref, streamId, epoch: 2 })
    await runWindow()
    expect(await stream()).toMatchObject({ state: 'live', epoch: 2 })
    service.plane.remove(ref)
  })

  test('that ran out while the plane was away ends the show as soon as it is back', async () => {
    const { reports, stream, tellAll } = await newShow()
    await tellAll([reports.started(1, 0), reports.stopped(1, 10)])
    service.plane.away = true
    await runWindow()
    service.plane.away = false
    expect(await stream()).toMatchObject({ state: 'reconnecting' })
    service.clock.nowMs += 1_000
    expect((await reconcileChannels(service.deps, new Map())).ended).toBeGreaterThan(0)
    expect(await stream()).toMatchObject({ state: 'ended', reason: 'window-closed', ended_at: atS(10) })
  })
})

describe('completing', () => {
  test('ends the show here and on the plane, and changes nothing the second time', async () => {
    const { call, reports, stream, tellAll, ref, streamId, types } = await newShow()
    await tellAll([reports.started(1, 0)])
    service.plane.put({ ref, streamId })
    const { id } = await stream()
    service.clock.nowMs = Date.parse(atS(30))
    expect((await call('PUT', `/v1/streams/${id}/complete`)).body).toMatchObject({
      state: 'ended',
      reason: 'completed',
    })
    expect(service.plane.stopped).toContain(streamId)
    await tellAll([reports.stopped(1, 31), reports.over(1, 31)])
    expect((await call('PUT', `/v1/streams/${id}/complete`)).body).toMatchObject({
      state: 'ended',
      reason: 'completed',
      ended_at: atS(31),
    })
    expect((await types(id)).filter(type => type === 'stream.ended')).toHaveLength(1)
    expect((await service.as('mallory')('PUT', `/v1/streams/${id}/complete`)).status).toBe(404)
  })
})

describe('the reconciler', () => {
  /** What a worker's lease makes good before it reads the recording. */
  const archive = async (id: string) => {
    const ended = (await service.events(id)).find(({ type }) => type === 'stream.ended')
    if (ended === undefined) throw new Error('The show did not end.')
    expect(await service.push('channels--streams', ended)).toBe(204)
    const jobId = service.wakes.at(-1)?.jobId
    expect((await service.service(`/internal/channels/jobs/${jobId}/lease`, { owner: 'worker' })).status).toBe(200)
  }
  const round = (absences: Absences = new Map()) => reconcileChannels(service.deps, absences)

  test('finds shows that nobody told of, and ends those the plane no longer has', async () => {
    const { stream, ref, streamId } = await newShow()
    service.plane.put({ ref, streamId, epoch: 4 })
    expect(await round()).toMatchObject({ found: 1 })
    expect(await stream()).toMatchObject({ state: 'live', epoch: 4 })
    expect(await round()).toMatchObject({ found: 0, ended: 0 })
    service.plane.remove(ref)
    const absences: Absences = new Map()
    expect(await round(absences)).toMatchObject({ ended: 0 })
    service.clock.nowMs += 60_001
    expect((await round(absences)).ended).toBeGreaterThan(0)
    expect(await stream()).toMatchObject({ state: 'ended', reason: 'absent' })
  })

  test('ends in the same state whatever was lost, doubled and shuffled', async () => {
    const finals = new Set<string>()
    for (const [index, lost] of fc.sample(fc.subarray([0, 1, 2, 3, 4, 5, 6]), { numRuns: 5, seed: 7 }).entries()) {
      const { call, reports, streams, tellAll, ref, streamId, types } = await newShow()
      const stored = [0, 1, 2].map(seq => segmentOf(streamId, seq, seq * 20))
      const events = [
        reports.started(1, 0),
        reports.segment(0, 0),
        reports.stopped(1, 10),
        reports.started(2, 20),
        reports.segment(1, 20),
        reports.segment(2, 40),
        reports.over(2, 90),
      ]
      const kept = events.filter((_, place) => !lost.includes(place))
      const [order = kept] = fc.sample(fc.shuffledSubarray([...kept, ...kept], { minLength: 2 * kept.length }), {
        numRuns: 1,
        seed: index,
      })
      service.plane.put({ ref, streamId, epoch: 2 })
      service.plane.store(streamId, stored, false)
      const absences: Absences = new Map()
      await tellAll(order.slice(0, 3))
      await round(absences)
      await tellAll(order)
      await round(absences)
      service.plane.remove(ref)
      service.plane.store(streamId, stored, true)
      await round(absences)
      service.clock.nowMs += 60_001
      await round(absences)
      const [stream] = await streams()
      await archive(stream?.id ?? '')
      const told = await types(stream?.id ?? '')
      const { off, indexed } = (await call('GET', `/v1/streams/${stream?.id}/ledger`)).body as StreamLedgerAnswer
      const count = (type: string) => told.filter(each => each === type).length
      finals.add(
        JSON.stringify({
          state: stream?.state,
          epoch: stream?.epoch,
          off,
          indexed,
          counts: ['stream.started', 'segment.finalized', 'stream.ended'].map(count),
        }),
      )
      expect(await streams()).toHaveLength(1)
    }
    expect([...finals]).toEqual([JSON.stringify({ state: 'ended', epoch: 2, off: 0, indexed: 3, counts: [1, 3, 1] })])
  })

  test('stops on the plane what is over here', async () => {
    const { reports, tellAll, ref, streamId } = await newShow()
    await tellAll([reports.started(1, 0), reports.over(1, 20)])
    service.plane.put({ ref, streamId })
    expect(await round()).toMatchObject({ stopped: 1 })
    expect(service.plane.stopped).toContain(streamId)
  })

  test('makes good segments that nobody reported: the ledger is 0 off', async () => {
    const { call, reports, stream, tellAll, ref, streamId, types } = await newShow()
    await tellAll([reports.started(1, 0), reports.segment(0, 0), reports.segment(3, 6)])
    service.plane.put({ ref, streamId })
    service.plane.store(
      streamId,
      Array.from({ length: 6 }, (_, seq) => segmentOf(streamId, seq, seq * 2)),
      false,
    )
    const { id } = await stream()
    const ledger = async () => (await call('GET', `/v1/streams/${id}/ledger`)).body as StreamLedgerAnswer
    expect(await ledger()).toMatchObject({
      produced: 6,
      stored: 6,
      indexed: 2,
      off: 4,
      missing: [1, 2, 4, 5],
      complete: false,
    })
    expect(await round()).toMatchObject({ segments: 4 })
    expect(await ledger()).toMatchObject({ produced: 6, stored: 6, indexed: 6, off: 0, missing: [] })
    await tellAll([reports.segment(1, 2), reports.segment(5, 10)])
    expect((await types(id)).filter(type => type === 'segment.finalized')).toHaveLength(6)
    service.plane.remove(ref)
  })
})
