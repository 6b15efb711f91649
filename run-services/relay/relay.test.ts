import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DomainEvent, parseEvent } from '#shared/domain/domain-event.ts'
import type { Subscription } from '#shared/domain/topology.ts'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import type { EventBus, PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { tableEventBus } from '#shared/ports/event-bus/table-event-bus.ts'
import { createLog } from '#shared/service/log.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { runRelay } from './app.ts'
import { sequenceGuard } from './sequence-guard.ts'

const SUBSCRIPTION: Subscription = {
  name: 'test--streams',
  topic: 'streams',
  service: 'test',
  events: 'all',
  ordered: true,
  attempts: 5,
  ackDeadlineS: 10,
}
const log = createLog({ service: 'relay', level: 'silent' })

let database: Awaited<ReturnType<typeof recycledDatabase>>
let bus: ReturnType<typeof tableEventBus>
const received: { event: DomainEvent; messageId: string; orderingKey: string; attributes: Record<string, string> }[] =
  []
const subscriber = createServer((request, response) => {
  let text = ''
  request
    .on('data', (chunk: Buffer) => (text += chunk.toString()))
    .on('end', () => {
      const { message } = JSON.parse(text) as PushEnvelope
      const event = parseEvent(JSON.parse(Buffer.from(message.data, 'base64').toString()))
      received.push({ ...message, event })
      response.writeHead(204).end()
    })
})

beforeAll(async () => {
  database = await recycledDatabase()
  await new Promise<void>(resolve => subscriber.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(subscriber.address() as AddressInfo).port}/push`
  bus = tableEventBus({
    engine: database,
    destination: () => ({ url, audience: 'test' }),
    sign: () => Promise.resolve('token'),
    now: Date.now,
    subscriptions: [SUBSCRIPTION],
  })
})
afterAll(async () => {
  await bus[Symbol.asyncDispose]()
  subscriber.close()
  await database[Symbol.asyncDispose]()
})

async function append(subject: string, count: number): Promise<DomainEvent[]> {
  const events: DomainEvent[] = []
  for (let index = 0; index < count; index += 1) {
    const data = { stream_id: subject, creator_id: 'c', channel_id: 'h', playback_id: 'p', epoch: 1, segments: index }
    const draft = { source: 'channels', type: 'stream.archived' as const, subject, data }
    events.push(await database.transaction(tx => appendEvent(tx, draft, { now: Date.now, random: randomBytes })))
  }
  return events
}

/** Runs the relay until disposed; `through` stands between it and the bus. */
function relay(through: EventBus = bus): AsyncDisposable {
  const end = new AbortController()
  const running = runRelay({
    feed: tableChangeFeed({ engine: database }),
    bus: through,
    database,
    log,
    signal: end.signal,
  })
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
    },
  }
}

const of = (subject: string) => received.filter(({ orderingKey }) => orderingKey === subject)
const sequences = (subject: string) => of(subject).map(({ event }) => event.sequence)
const firstSeen = (subject: string) => [...new Set(sequences(subject))]
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('a committed event reaches subscribers under its own id, its subject as ordering key', async () => {
  await using _running = relay()
  const [event] = await append('strm_one', 1)
  await eventually(() => of('strm_one').length > 0)
  const [got] = of('strm_one')
  expect(got).toMatchObject({
    messageId: event?.id,
    attributes: { type: 'stream.archived', source: 'channels', class: 'real' },
  })
  expect(got?.event).toEqual(event)
})

test('sequences arrive whole and in order per subject', async () => {
  await using _running = relay()
  await Promise.all(['strm_a', 'strm_b', 'strm_c'].map(subject => append(subject, 20)))
  await eventually(() => ['strm_a', 'strm_b', 'strm_c'].every(subject => firstSeen(subject).length === 20))
  for (const subject of ['strm_a', 'strm_b', 'strm_c']) expect(firstSeen(subject)).toEqual(upTo(20))
})

test('what is committed while the bus is away is published when it is back, in order', async () => {
  let away = true
  let refused = 0
  const gate: EventBus = {
    publish: async (topic, messages, signal) => {
      if (away) {
        refused += 1
        throw new Error('the bus is away')
      }
      await bus.publish(topic, messages, signal)
    },
    deadLetters: (subscription, limit) => bus.deadLetters(subscription, limit),
    replay: (subscription, id) => bus.replay(subscription, id),
    backlog: () => bus.backlog(),
  }
  await using _running = relay(gate)
  await append('strm_outage', 5)
  await eventually(() => refused >= 2)
  await append('strm_outage', 5)
  expect(of('strm_outage')).toEqual([])
  away = false
  await eventually(() => firstSeen('strm_outage').length === 10)
  expect(firstSeen('strm_outage')).toEqual(upTo(10))
})

test('a relay that starts anew goes on where the last one stopped, and nothing is skipped', async () => {
  await append('strm_restart', 3)
  {
    await using _first = relay()
    await eventually(() => firstSeen('strm_restart').length === 3)
  }
  await append('strm_restart', 3)
  await using _second = relay()
  await eventually(() => firstSeen('strm_restart').length === 6)
  expect(firstSeen('strm_restart')).toEqual(upTo(6))
})

test('an answer of the bus that got lost leads to a duplicate and never to a loss', async () => {
  let lost = 0
  const forgetful: EventBus = {
    publish: async (topic, messages, signal) => {
      await bus.publish(topic, messages, signal)
      lost += 1
      if (lost === 1) throw new Error('the answer was lost')
    },
    deadLetters: (subscription, limit) => bus.deadLetters(subscription, limit),
    replay: (subscription, id) => bus.replay(subscription, id),
    backlog: () => bus.backlog(),
  }
  await using _running = relay(forgetful)
  await append('strm_twice', 4)
  await eventually(() => firstSeen('strm_twice').length === 4 && lost > 1)
  expect(firstSeen('strm_twice')).toEqual(upTo(4))
  expect(new Set(of('strm_twice').map(({ messageId }) => messageId)).size).toBe(4)
})

test('a hole in a sequence is filled from the outbox before what follows it', async () => {
  const events = await append('strm_hole', 5)
  const row = (sequence: number) => {
    const event = events[sequence - 1]
    return {
      source: 'channels',
      subject_id: 'strm_hole',
      seq: sequence,
      event_id: event?.id,
      type: event?.type,
      payload: event,
    }
  }
  const guard = sequenceGuard(database, log)
  const first = await guard.unbroken([row(1)])
  guard.published(first)
  const filled = await guard.unbroken([row(4), row(5)])
  expect(filled.map(({ seq }) => seq)).toEqual([2, 3, 4, 5])
  expect(filled.map(({ event_id }) => event_id)).toEqual(events.slice(1).map(({ id }) => id))
  // Not published, so the same hole is filled again when the batch comes back.
  expect((await guard.unbroken([row(4)])).map(({ seq }) => seq)).toEqual([2, 3, 4])
})
