import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseEvent } from '#shared/domain/domain-event.ts'
import { rawEvent } from '#shared/domain/raw-event.ts'
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
    const typed = each.map(event => typedEvent(event))
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

const FIXTURES = join(import.meta.dirname, '../../test/fixtures/provider-events')
const recorded = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'))
const typedOf = (name: string) => typedEvent(rawEvent.parse(recorded(name)))
const CHANNEL = 'arn:aws:ivs:us-east-1:123456789012:channel/AbCdef1G2hij'
const SHOW = 'ivs-AbCdef1G2hij-1A2b3c4D5e6F78ghij9Klmn0'
const PREFIX = 'ivs/v1/123456789012/AbCdef1G2hij/2026/11/20/18/4/j8Z9O91ndcVs/'

describe('typedEvent of events recorded in the shapes AWS documents', () => {
  const facts: Record<string, [type: string, key: string, data: object] | undefined> = {
    'ivs-session-created': undefined,
    'ivs-stream-start': ['provider.stream_state', CHANNEL, { change: 'started', epoch: 1 }],
    'ivs-stream-end': ['provider.stream_state', CHANNEL, { change: 'stopped', provider_stream_id: SHOW }],
    'ivs-stream-failure': ['provider.stream_state', CHANNEL, { change: 'stopped', reason: 'Internal failure' }],
    'ivs-session-ended': ['provider.stream_state', CHANNEL, { change: 'session-ended' }],
    'ivs-recording-start': ['provider.recording_state', CHANNEL, { change: 'started', prefix: PREFIX }],
    'ivs-recording-end': ['provider.recording_state', CHANNEL, { change: 'ended', duration_ms: 3_600_120 }],
    'ivs-recording-end-failure': ['provider.recording_state', CHANNEL, { change: 'failed' }],
    'ivs-starvation-start': ['provider.starvation', CHANNEL, { starving: true, provider_stream_id: SHOW }],
    'ivs-starvation-end': ['provider.starvation', CHANNEL, { starving: false }],
    'ivs-limit-breach': ['provider.limit', CHANNEL, { limit: 'Ingest Bitrate', value: 8.5, exceeded_by: 1.2 }],
    'mediaconvert-progressing': ['provider.job_state', '1732125611-smb6o7', { state: 'progressing', percent: 23 }],
    'mediaconvert-complete': [
      'provider.job_state',
      '1732125611-smb6o7',
      { state: 'done', job_id: '9d5ed678fe57bcca610140957afab571' },
    ],
    'mediaconvert-error': [
      'provider.job_state',
      '1732125611-smb6o7',
      { state: 'failed', error: { code: '1040', message: 'Error opening the input file.' } },
    ],
    'mediaconvert-queue-hop': undefined,
    's3-recorded-segment': [
      'provider.object_created',
      CHANNEL,
      { channel_ref: CHANNEL, key: `${PREFIX}media/hls/720p30/4.ts`, bytes: 1_843_200 },
    ],
    's3-uploaded-object': [
      'provider.object_created',
      'arn:aws:s3:::showreel-media-us-east-1',
      { bucket: 'showreel-media-us-east-1', bytes: 73_400_320 },
    ],
  }

  test('every recorded event has its row here', () => {
    expect(
      readdirSync(FIXTURES)
        .map(file => file.replace('.json', ''))
        .toSorted(),
    ).toEqual(Object.keys(facts).toSorted())
  })

  for (const [name, expected] of Object.entries(facts)) {
    test(`${name} ${expected === undefined ? 'tells nothing we act on' : `is ${expected[0]}`}`, () => {
      const event = typedOf(name)
      if (event === undefined || expected === undefined) {
        expect(event).toBe(expected)
        return
      }
      const [type, key, data] = expected
      expect(parseEvent(JSON.parse(JSON.stringify(event)))).toEqual(event)
      expect(event).toMatchObject({ type, subject: key, partitionkey: key, sequence: 0, data })
      expect(event.data).toHaveProperty('raw_id', (recorded(name) as { id: string }).id)
    })
  }

  test('everything of one channel keeps one order, its recorded objects included', () => {
    const keys = ['ivs-stream-start', 'ivs-recording-start', 's3-recorded-segment'].map(
      name => typedOf(name)?.partitionkey,
    )
    expect(new Set(keys)).toEqual(new Set([CHANNEL]))
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

  test('acknowledges an event of AWS with its typed one, and one that tells nothing with none', async () => {
    const published: BusMessage[] = []
    const push = service(async (_, messages) => void published.push(...messages))
    expect(await push(recorded('ivs-stream-start'))).toBe(204)
    expect(await push(recorded('ivs-session-created'))).toBe(204)
    expect(published).toEqual([
      expect.objectContaining({
        id: typedOf('ivs-stream-start')?.id,
        orderingKey: CHANNEL,
        attributes: { type: 'provider.stream_state', source: 'media-events' },
      }),
    ])
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
