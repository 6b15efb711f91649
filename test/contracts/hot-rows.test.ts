import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { CreatedChannelAnswer } from '#run-services/channels/channel-answer.ts'
import type { StreamAnswer } from '#run-services/channels/stream-answer.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import { type ChannelsService, channelsService, type Reply } from '../helpers/channels-service.ts'
import { type ClipsService, clipsService } from '../helpers/clips-service.ts'
import { markedMedia } from '../helpers/marked-media.ts'
import { atS, planeReports } from '../helpers/plane-reports.ts'
import { type RowsWritten, rowsWritten } from '../helpers/rows-written.ts'
import { type StoredShow, storedShow } from '../helpers/stored-show.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Outbox, its order, what was handled and what was answered: whatever a request does, it writes these of its own. */
const EVERY_REQUEST = ['domain_events', 'event_sequences']

describe('shows', () => {
  let service: ChannelsService
  let written: RowsWritten
  beforeAll(async () => {
    service = await channelsService()
    written = await rowsWritten(service.database as TableEngine)
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  const live = async (who: string) => {
    await written.by(who)
    const call = service.as(who)
    const ok = async (method: string, path: string, body?: unknown): Promise<unknown> => {
      const reply = await call(method, path, body, {
        'idempotency-key': `${who}-${method}-${path}`.replaceAll(/[^\w-]/gu, '-'),
      })
      expect(reply.status, `${method} ${path}`).toBeLessThan(300)
      return reply.body
    }
    const { id } = ((await ok('POST', '/v1/channels', { title: who })) as Reply<CreatedChannelAnswer>['body']) ?? {}
    const { id: keyId } = (await ok('POST', `/v1/channels/${id}/stream-keys`, {})) as { id: string }
    await ok('POST', `/v1/channels/${id}/stream-keys/${keyId}/rotate`, {})
    const [ref, streamId] = [`ref-${id}`, `play_${who.padEnd(26, 'q')}`]
    const reports = planeReports(ref, streamId)
    service.plane.put({ ref, streamId })
    await service.tell(reports.started(1, 0))
    for (let seq = 0; seq < 5; seq += 1) await service.tell(reports.segment(seq, 2 * seq))
    await service.tell(reports.health('good', 1, 5))
    service.clock.nowMs = Date.parse(atS(20))
    const { data } = (await ok('GET', '/v1/streams?state=live')) as { data: StreamAnswer[] }
    const show = data.find(({ channel_id }) => channel_id === id)?.id
    await ok('POST', `/v1/streams/${show}/markers`, { kind: 'highlight' })
    await ok('POST', `/v1/streams/${show}/cues`, { payload: { say: 'hello' } })
    await ok('PUT', `/v1/streams/${show}/complete`)
    await service.tell(reports.over(1, 30))
  }

  test('two creators on the air never write the same row', async () => {
    await live('alice')
    await live('bob')
    expect(await written.tables()).toEqual(
      expect.arrayContaining([...EVERY_REQUEST, 'channels', 'creators', 'inbox', 'segments', 'stream_keys', 'streams']),
    )
    expect(await written.shared()).toEqual([])
  })
})

describe('clips', () => {
  let service: ClipsService
  let written: RowsWritten
  const shows = new Map<string, StoredShow>()
  beforeAll(async () => {
    service = await clipsService()
    const media = await markedMedia({ fps: 30, seconds: 8, width: 320, height: 180 })
    for (const who of ['alice', 'bob']) {
      const { database } = service.deps
      shows.set(
        who,
        await storedShow({ database, store: service.store, media, creatorId: service.service.idOf(who), name: who }),
      )
    }
    written = await rowsWritten(service.engine)
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  const clip = async (who: string, show: StoredShow | undefined) => {
    await written.by(who)
    const call = service.service.asUser(service.app, who, ['viewer', 'creator'])
    const body = { stream_id: show?.streamId, start_ms: 1_000, end_ms: 5_000, title: who }
    const made = await call('/v1/clips', { body, headers: { 'idempotency-key': `clip-of-${who}` } })
    expect(made.status).toBe(201)
    const { id } = (await made.json()) as { id: string }
    expect((await call(`/v1/clips/${id}`, { method: 'PATCH', body: { title: 'Better' } })).status).toBe(200)
    expect((await call('/v1/clip-rules', { method: 'PUT', body: {} })).status).toBeLessThan(500)
    expect((await call(`/v1/clips/${id}`, { method: 'DELETE' })).status).toBe(204)
  }

  test('two people who clip two shows never write the same row, nor do two who clip the same one', async () => {
    await clip('alice', shows.get('alice'))
    await clip('bob', shows.get('bob'))
    await clip('carol', shows.get('alice'))
    await clip('dave', shows.get('alice'))
    expect(await written.tables()).toEqual(
      expect.arrayContaining([...EVERY_REQUEST, 'clips', 'idempotency_keys', 'jobs']),
    )
    expect(await written.shared()).toEqual([])
  })

  test('a row that two people write is named', async () => {
    for (const who of ['alice', 'bob']) {
      await written.by(who)
      await service.engine.execute({
        name: 'test.same-row',
        sql: `INSERT INTO event_sequences (subject_id, source, last_seq) VALUES ('everybody', 'test', 1)
              ON CONFLICT (subject_id, source) DO UPDATE SET last_seq = event_sequences.last_seq + 1`,
        parameters: [],
      })
    }
    expect(await written.shared()).toEqual(['event_sequences everybody/test: alice, bob'])
  })
})
