import { describe, expect, test } from 'vitest'
import { parseEvent } from '#shared/domain/domain-event.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { BusMessage, EventBus } from '#shared/ports/event-bus/event-bus.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { atS, planeReports } from '#test/helpers/plane-reports.ts'
import { createMediaEvents } from './app.ts'
import { typedEvent } from './typed-event.ts'

const reports = planeReports('ref-1', 'play_1')
const each = [
  reports.started(1, 0),
  reports.stopped(1, 5),
  reports.over(1, 9),
  reports.segment(0, 0),
  reports.health('good', 1, 1),
  reports.recordingEnded(1, 9),
]

describe('typedEvent', () => {
  test('turns every provider event into a typed one that the wire reads back', () => {
    const typed = each.map(typedEvent)
    for (const event of typed) expect(parseEvent(JSON.parse(JSON.stringify(event)))).toEqual(event)
    expect(typed.map(({ type }) => type)).toEqual([
      'provider.stream_state',
      'provider.stream_state',
      'provider.stream_state',
      'provider.segment_stored',
      'provider.health',
      'provider.recording_state',
    ])
    expect(typed[0]).toMatchObject({
      source: 'media-events',
      subject: 'ref-1',
      partitionkey: 'ref-1',
      time: atS(0),
      data: { channel_ref: 'ref-1', provider_stream_id: 'play_1', raw_id: each[0]?.id, change: 'started', epoch: 1 },
    })
  })

  test('gives a raw event the same id every time, and two raw events two', () => {
    expect(each.map(event => typedEvent(event).id)).toEqual(each.map(event => typedEvent(structuredClone(event)).id))
    expect(new Set(each.map(event => typedEvent(event).id)).size).toBe(each.length)
  })
})

describe('createMediaEvents', () => {
  const calls = serviceCalls({ key: new Uint8Array(32).fill(4), issuer: 'test', now: Date.now })
  const service = (publish: EventBus['publish']) => {
    const app = createMediaEvents({
      log: createLog({ service: 'media-events', level: 'silent' }),
      verifyService: calls.verify,
      verifyUser: () => Promise.reject(new Refusal('auth.invalid', { detail: 'Services only.' })),
      drain: new AbortController().signal,
      bus: { publish, deadLetters: async () => [], replay: async () => false, backlog: async () => [] },
    })
    return async (data: unknown, audience = 'media-events') => {
      const message = {
        messageId: 'm1',
        orderingKey: 'ref-1',
        attributes: {},
        data: Buffer.from(JSON.stringify(data)).toString('base64'),
      }
      const response = await app.request('http://functions.test/push/media-events--provider', {
        method: 'POST',
        headers: { authorization: `Bearer ${await calls.sign(audience, 'live')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ message, subscription: 'media-events--provider', deliveryAttempt: 1 }),
      })
      return response.status
    }
  }

  test('acknowledges a raw event only once its typed event is durable on the bus, ordered by channel', async () => {
    const published: BusMessage[] = []
    const push = service(async (topic, messages) => {
      expect(topic).toBe('media-events')
      published.push(...messages)
    })
    expect(await push(each[3])).toBe(204)
    expect(published).toEqual([
      expect.objectContaining({ id: typedEvent(each[3] ?? reports.started(1, 0)).id, orderingKey: 'ref-1' }),
    ])
    expect(await service(() => Promise.reject(new Error('The bus is full.')))(each[3])).toBe(500)
  })

  test('publishes nothing that is not genuine or not a provider event', async () => {
    const published: BusMessage[] = []
    const push = service(async (_, messages) => void published.push(...messages))
    expect(await push(each[0], 'channels')).toBe(401)
    expect(await push({ ...each[0], source: 'aws.ivs' })).toBe(422)
    expect(await push({ ...each[0], resources: [] })).toBe(422)
    expect(await push('nonsense')).toBe(422)
    expect(await push({ ...each[0], detail: { ...each[0]?.detail, epoch: -1 } })).toBe(422)
    expect(published).toEqual([])
  })
})
