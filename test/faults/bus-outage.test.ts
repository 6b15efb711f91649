import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runRelay } from '#run-services/relay/app.ts'
import { parseEvent } from '#shared/domain/domain-event.ts'
import { type Subscription, TOPICS } from '#shared/domain/topology.ts'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { postgresDatabase } from '#shared/ports/database/postgres-database.ts'
import type { EventBus, PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { pubsubClient, pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { makePubsubTopology } from '#shared/ports/event-bus/pubsub-topology.ts'
import { createLog } from '#shared/service/log.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { pause } from '#shared/service/pause.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { pubsubBridge } from '../helpers/emulators/pubsub-bridge.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { type PostReceiver, postReceiver } from '../helpers/post-receiver.ts'
import { postgresMissing, startPostgres } from '../helpers/postgres-server.ts'
import { sized } from '../helpers/size.ts'

const missing = missingEmulator(pubsubServiceEmulator) ?? postgresMissing()
/** How long the bus is away, how often, and what is written meanwhile. */
const OUTAGE_MS = sized({ test: 3_000, prove: 30_000, full: 30_000 })
const OUTAGES = sized({ test: 1, prove: 1, full: 20 })
const EVENTS_PER_S = sized({ test: 40, prove: 200, full: 200 })
const SUBJECTS = 10
/** Everything that waited must be handled within this long after the bus is back. */
const DRAINED = { withinMs: 60_000 }

const PROJECT = 'showreel-outage'
const SUBSCRIPTION: Subscription = {
  name: 'test--streams',
  topic: 'streams',
  service: 'test',
  events: 'all',
  ordered: true,
  attempts: 5,
  ackDeadlineS: 10,
}

describe.skipIf(missing !== undefined)(`R7${missing === undefined ? '' : `: ${missing}`}`, () => {
  let parts: AsyncDisposableStack
  let emulator: EmulatorProcess
  let receiver: PostReceiver
  let topology: () => Promise<void>
  let write: (subject: string) => Promise<void>
  const written = new Map<string, number>()
  /** A topic without its subscriptions, which only a revived emulator has, would take messages for nobody. */
  let topologyThere = true
  let underWay = 0

  beforeAll(async () => {
    process.env['METADATA_SERVER_DETECTION'] = 'none'
    parts = new AsyncDisposableStack()
    const server = parts.use(await startPostgres())
    const migrations = loadMigrations()
    const database = parts.use(await postgresDatabase({ url: await server.createDatabase(), migrations }))
    emulator = parts.use(await startEmulator(pubsubServiceEmulator))
    receiver = parts.use(await postReceiver())
    const options = { projectId: PROJECT, endpoint: emulator.address, emulated: true, subscriptions: [SUBSCRIPTION] }
    const client = pubsubClient(options)
    parts.defer(async () => await client.close())
    const bridge = parts.use(
      await pubsubBridge({
        client,
        subscriptions: [SUBSCRIPTION],
        destination: () => ({ url: `${receiver.url}/push`, audience: 'test' }),
        sign: async () => 'token',
      }),
    )
    const topics = TOPICS.map(({ name }) => name)
    topology = async () =>
      await makePubsubTopology(client, { topics, subscriptions: [SUBSCRIPTION], endpoint: bridge.endpoint })
    await topology()
    const bus = parts.use(pubsubEventBus(options))
    const stop = new AbortController()
    const log = createLog({ service: 'relay', level: 'silent' })
    const publishing: EventBus = {
      ...bus,
      publish: async (...call) => {
        if (!topologyThere) throw new Error('The revived emulator has no topology yet.')
        underWay += 1
        await bus.publish(...call).finally(() => (underWay -= 1))
      },
    }
    const feed = tableChangeFeed({ engine: database })
    const relay = runRelay({ feed, bus: publishing, database, log, signal: stop.signal })
    parts.defer(async () => {
      stop.abort()
      await relay
    })
    write = async subject => {
      const data = { stream_id: subject, creator_id: 'c', channel_id: 'h', playback_id: 'p', epoch: 1, segments: 1 }
      const draft = { source: 'channels', type: 'stream.archived' as const, subject, data }
      await database.transaction(async tx => await appendEvent(tx, draft, { now: Date.now, random: randomBytes }))
      written.set(subject, (written.get(subject) ?? 0) + 1)
    }
  }, 120_000)
  afterAll(async () => {
    await parts.disposeAsync()
  }, 60_000)

  const writeFor = async (ms: number): Promise<void> => {
    const startedAt = performance.now()
    for (let count = 0; performance.now() - startedAt < ms; count += 1) {
      await write(`strm_${count % SUBJECTS}`)
      const aheadMs = (count * 1000) / EVENTS_PER_S - (performance.now() - startedAt)
      await pause(Math.max(0, aheadMs), AbortSignal.timeout(OUTAGE_MS))
    }
  }
  /** First sights of each subject's sequences, in the order they came. */
  const seen = (): Record<string, number[]> => {
    const found: Record<string, Set<number>> = {}
    for (const { body } of receiver.received) {
      const event = parseEvent(JSON.parse(Buffer.from((body as PushEnvelope).message.data, 'base64').toString()))
      ;(found[event.subject] ??= new Set()).add(event.sequence)
    }
    return Object.fromEntries(Object.entries(found).map(([subject, sequences]) => [subject, [...sequences]]))
  }
  const allHandledInOrder = async (): Promise<void> => {
    await eventually(
      seen,
      found => {
        for (const [subject, count] of written)
          expect(found[subject], subject).toEqual(Array.from({ length: count }, (_, index) => index + 1))
      },
      DRAINED,
    )
  }

  test('a bus that hangs loses nothing, and every subject keeps its order', { timeout: 2_400_000 }, async () => {
    for (let outage = 0; outage < OUTAGES; outage += 1) {
      await writeFor(500)
      emulator.freeze()
      await writeFor(OUTAGE_MS)
      emulator.thaw()
      await allHandledInOrder()
    }
  })

  test('a bus that is killed loses nothing that was not yet confirmed', { timeout: 2_400_000 }, async () => {
    for (let outage = 0; outage < OUTAGES; outage += 1) {
      await writeFor(500)
      // The emulator forgets what it has confirmed, which the service does not.
      await allHandledInOrder()
      await emulator.kill()
      await writeFor(OUTAGE_MS)
      topologyThere = false
      await eventually(
        () => underWay,
        left => expect(left).toBe(0),
      )
      await emulator.revive()
      await topology()
      topologyThere = true
      await allHandledInOrder()
    }
  })
})
