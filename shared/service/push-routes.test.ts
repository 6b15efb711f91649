import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import type { SubscriptionName } from '#shared/domain/topology.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { testService } from '#test/helpers/test-service.ts'
import { appendEvent, type EventDraft } from './outbox.ts'
import { pushRoutes } from './push-routes.ts'
import { serviceApp } from './service-app.ts'

const context = { now: Date.now, random: randomBytes }

let database: Awaited<ReturnType<typeof recycledDatabase>>
beforeAll(async () => (database = await recycledDatabase()))
afterAll(() => database[Symbol.asyncDispose]())

const archived = (subject: string, segments = 1): EventDraft<'stream.archived'> => ({
  source: 'channels',
  type: 'stream.archived',
  subject,
  data: { stream_id: subject, creator_id: 'c', channel_id: 'h', playback_id: 'p', epoch: 1, segments },
})
function push(event: unknown, deliveryAttempt = 1): PushEnvelope {
  const data = Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)).toString('base64')
  return {
    message: { messageId: 'm1', publishTime: new Date().toISOString(), orderingKey: 'k', attributes: {}, data },
    subscription: 's',
    deliveryAttempt,
  }
}

describe('pushRoutes', () => {
  async function subscriber(name: SubscriptionName, handle: (event: { id: string }) => Promise<void>) {
    const service = await testService('channels')
    const app = serviceApp(service.options)
    pushRoutes(app, name, handle)
    const audience = name === 'media-events--provider' ? 'media-events' : 'channels'
    const call = service.asService(app, audience, 'bus')
    return {
      deliver: (event: unknown) => call(`/push/${name}`, { body: push(event) }),
      asNobody: service.asNobody(app),
    }
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
      appended = await database.transaction(tx =>
        appendEvent(tx, { ...archived('strm_trace'), causationid: event.id }, context),
      )
    })
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const event = { ...(ended('evt_7') as object), traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    await service.asService(app, 'channels')('/push/channels--streams', { body: push(event) })
    expect(appended?.traceparent?.split('-')[1]).toBe(traceId)
  })
})
