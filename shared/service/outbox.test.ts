import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DomainEvent, parseEvent } from '#shared/domain/domain-event.ts'
import type { SubscriptionName } from '#shared/domain/topology.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { testDatabase } from '#test/helpers/test-database.ts'
import { testService } from '#test/helpers/test-service.ts'
import { firstTime } from './inbox.ts'
import { appendEvent, type EventDraft } from './outbox.ts'
import { pushRoutes } from './push-routes.ts'
import { serviceApp } from './service-app.ts'

const context = { now: Date.now, random: randomBytes }
const rowsOf = namedQuery('outbox-test.rows', ['x'], (subject: string) =>
  tables.selectFrom('domain_events').selectAll().where('subject_id', '=', subject).orderBy('source').orderBy('seq'),
)

let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => (database = await testDatabase()))
afterAll(() => database[Symbol.asyncDispose]())

const archived = (subject: string, segments = 1): EventDraft<'stream.archived'> => ({
  source: 'channels',
  type: 'stream.archived',
  subject,
  data: { stream_id: subject, creator_id: 'c', channel_id: 'h', playback_id: 'p', epoch: 1, segments },
})
const append = (subject: string, segments?: number) =>
  database.transaction(tx => appendEvent(tx, archived(subject, segments), context))

function push(event: unknown, deliveryAttempt = 1): PushEnvelope {
  const data = Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)).toString('base64')
  return {
    message: { messageId: 'm1', publishTime: new Date().toISOString(), orderingKey: 'k', attributes: {}, data },
    subscription: 's',
    deliveryAttempt,
  }
}

describe('appendEvent', () => {
  test('what is appended is the whole event, as consumers parse it', async () => {
    const event = await database.transaction(tx =>
      appendEvent(tx, { ...archived('strm_whole'), epoch: 4, mediatime: '2026-01-01T00:00:00.000Z', causationid: 'evt_a' }, context),
    )
    const [row] = await database.read(rowsOf('strm_whole'))
    expect(parseEvent(row?.payload)).toEqual(event)
    expect(event).toMatchObject({ sequence: 1, partitionkey: 'strm_whole', epoch: 4, causationid: 'evt_a', class: 'real' })
    expect(row?.event_id).toBe(event.id)
  })

  test('sequences have no gaps under concurrent writers, and each source counts for itself', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => append('strm_busy', index)))
    await database.transaction(tx => appendEvent(tx, { ...archived('strm_busy'), source: 'library' }, context))
    const rows = await database.read(rowsOf('strm_busy'))
    expect(rows.filter(row => row.source === 'channels').map(row => row.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(rows.filter(row => row.source === 'library').map(row => row.seq)).toEqual([1])
  })

  test('a transaction that rolls back gives its number back and leaves no event', async () => {
    await append('strm_undone')
    await expect(
      database.transaction(async tx => {
        await appendEvent(tx, archived('strm_undone'), context)
        throw new Error('after the append')
      }),
    ).rejects.toThrow('after the append')
    await append('strm_undone')
    expect((await database.read(rowsOf('strm_undone'))).map(row => row.seq)).toEqual([1, 2])
  })

  test('data that do not fit their type are refused before anything is written', async () => {
    const wrong = { ...archived('strm_wrong'), data: { segments: -1 } } as unknown as EventDraft<'stream.archived'>
    await expect(database.transaction(tx => appendEvent(tx, wrong, context))).rejects.toThrow()
    expect(await database.read(rowsOf('strm_wrong'))).toEqual([])
  })

  test('an event too large for the bus is refused at the source', async () => {
    const large = { ...archived('strm_large'), causationid: 'x'.repeat(300_000) }
    await expect(database.transaction(tx => appendEvent(tx, large, context))).rejects.toThrow('larger than')
  })
})

describe('firstTime', () => {
  test('of parallel deliveries one is the first, per consumer', async () => {
    const asks = Array.from({ length: 5 }, () => database.transaction(tx => firstTime(tx, 'evt_1', 'a')))
    expect((await Promise.all(asks)).filter(Boolean)).toHaveLength(1)
    expect(await database.transaction(tx => firstTime(tx, 'evt_1', 'b'))).toBe(true)
  })

  test('an effect that fails leaves the event new', async () => {
    await expect(
      database.transaction(async tx => {
        await firstTime(tx, 'evt_2', 'a')
        throw new Error('effect')
      }),
    ).rejects.toThrow('effect')
    expect(await database.transaction(tx => firstTime(tx, 'evt_2', 'a'))).toBe(true)
  })
})

describe('pushRoutes', () => {
  async function subscriber(name: SubscriptionName, handle: (event: { id: string }) => Promise<void>) {
    const service = await testService('channels')
    const app = serviceApp(service.options)
    pushRoutes(app, name, handle)
    const audience = name === 'media-events--provider' ? 'media-events' : 'channels'
    const call = service.asService(app, audience, 'bus')
    return { deliver: (event: unknown) => call(`/push/${name}`, { body: push(event) }), asNobody: service.asNobody(app) }
  }
  const ended = (id: string): unknown => ({
    ...eventBase(id),
    type: 'stream.ended',
    data: {
      stream_id: 's',
      creator_id: 'c',
      channel_id: 'h',
      playback_id: 'p',
      epoch: 1,
      ended_at: '2026-01-01T00:00:00.000Z',
      duration_ms: 5,
      reason: 'unpublished',
    },
  })
  const eventBase = (id: string) => ({
    specversion: '1.0',
    id,
    source: 'channels',
    subject: 's',
    time: '2026-01-01T00:00:00.000Z',
    dataschema: 'x',
    sequence: 1,
    partitionkey: 's',
    class: 'real',
  })

  test('a wanted event reaches the handler and is acknowledged', async () => {
    const seen: string[] = []
    const { deliver } = await subscriber('channels--streams', event => Promise.resolve(void seen.push(event.id)))
    expect((await deliver(ended('evt_1'))).status).toBe(204)
    expect(seen).toEqual(['evt_1'])
  })

  test('a type that the subscription does not name is acknowledged unseen, known or not', async () => {
    const { deliver } = await subscriber('channels--streams', () => Promise.reject(new Error('not wanted')))
    expect((await deliver({ ...eventBase('evt_2'), type: 'stream.archived', data: {} })).status).toBe(204)
    expect((await deliver({ ...eventBase('evt_3'), type: 'clip.rendered', data: {} })).status).toBe(204)
  })

  test('poison is not acknowledged', async () => {
    const { deliver } = await subscriber('channels--streams', () => Promise.reject(new Error('boom')))
    expect((await deliver('{not json')).status).toBe(400)
    expect((await deliver({ ...(ended('evt_4') as object), data: {} })).status).toBe(422)
    expect((await deliver(ended('evt_5'))).status).toBe(500)
  })

  test('an envelope that is none, and an unsigned push, are refused', async () => {
    const { asNobody } = await subscriber('channels--streams', () => Promise.resolve())
    expect((await asNobody('/push/channels--streams', { body: push(ended('evt_6')) })).status).toBe(401)
    const service = await testService('channels')
    const app = serviceApp(service.options)
    pushRoutes(app, 'channels--streams', () => Promise.resolve())
    expect((await service.asService(app)('/push/channels--streams', { body: { message: 1 } })).status).toBe(422)
  })

  test('the trace of the event that was pushed goes on into the event that follows', async () => {
    const service = await testService('channels')
    const app = serviceApp(service.options)
    let appended: DomainEvent | undefined
    pushRoutes(app, 'channels--streams', async event => {
      appended = await database.transaction(tx => appendEvent(tx, { ...archived('strm_trace'), causationid: event.id }, context))
    })
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const event = { ...(ended('evt_7') as object), traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    await service.asService(app, 'channels')('/push/channels--streams', { body: push(event) })
    expect(appended?.traceparent?.split('-')[1]).toBe(traceId)
    expect((await database.read(rowsOf('strm_trace')))[0]?.trace_id).toBe(traceId)
  })
})
