import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Subscription, TOPICS } from '#shared/domain/topology.ts'
import type { BusMessage, EventBus, PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { pubsubClient, pubsubEventBus } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { makePubsubTopology } from '#shared/ports/event-bus/pubsub-topology.ts'
import { tableEventBus } from '#shared/ports/event-bus/table-event-bus.ts'
import { missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { pubsubBridge } from '../helpers/emulators/pubsub-bridge.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { type PostReceiver, postReceiver } from '../helpers/post-receiver.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { currentSize, sized } from '../helpers/size.ts'
import { testDatabase } from '../helpers/test-database.ts'

const MESSAGES = sized({ test: 200, prove: 2_000, full: 50_000 })
const KEYS = sized({ test: 20, prove: 200, full: 2_000 })
/** Share of the messages that throw, and as many that hang. */
const POISON = 0.01
const ATTEMPTS = 5
const SETTLED = { withinMs: sized({ test: 60_000, prove: 600_000, full: 3_600_000 }) }
const TEST_MS_MAX = 5_400_000
/** Its retries take minutes on the emulator: only where there is time for it. */
const missing =
  currentSize() === 'test' ? 'takes minutes: npm run prove -- clouds' : missingEmulator(pubsubServiceEmulator)

const subscription = (ackDeadlineS: number): Subscription => ({
  name: 'test--streams',
  topic: 'streams',
  service: 'test',
  events: 'all',
  ordered: true,
  attempts: ATTEMPTS,
  ackDeadlineS,
})

type OpenBus = (receiver: PostReceiver) => Promise<EventBus & AsyncDisposable>

function poisonDoesNotBlock(openBus: () => OpenBus): void {
  test(
    'R10: poison becomes a dead letter after its attempts, everything else is handled, and a replay ends it',
    { timeout: TEST_MS_MAX },
    async () => {
      const chance = seededRandom('R10')
      const numbers = Array.from({ length: MESSAGES }, (_, index) => index)
      const shuffled = chance.shuffle(numbers)
      const count = Math.max(1, Math.round(MESSAGES * POISON))
      const throws = new Set(shuffled.slice(0, count))
      const hangs = new Set(shuffled.slice(count, 2 * count))
      let cured = false
      const handled = new Set<number>()
      await using receiver = await postReceiver(({ body }) => {
        const { n } = JSON.parse(Buffer.from((body as PushEnvelope).message.data, 'base64').toString()) as { n: number }
        if (!cured && hangs.has(n)) return 'hang'
        if (!cured && throws.has(n)) return { status: 500, body: 'indigestible' }
        handled.add(n)
        return { status: 204 }
      })
      await using bus = await openBus()(receiver)
      const message = (n: number): BusMessage => ({
        id: `evt-${n}`,
        orderingKey: `key-${n % KEYS}`,
        attributes: {},
        data: JSON.stringify({ n }),
      })
      for (let from = 0; from < MESSAGES; from += 500) {
        await bus.publish('streams', numbers.slice(from, from + 500).map(message))
      }
      const poison = [...throws, ...hangs].toSorted((a, b) => a - b)
      await eventually(
        () => handled.size,
        size => expect(size, `SEED=${chance.seed}`).toBe(MESSAGES - poison.length),
        SETTLED,
      )
      const letters = await eventually(
        async () => await bus.deadLetters('test--streams', MESSAGES),
        found =>
          expect(found.map(({ message: { id } }) => Number(id.slice(4))).toSorted((a, b) => a - b)).toEqual(poison),
        SETTLED,
      )
      for (const { attempts } of letters) expect(attempts).toBe(ATTEMPTS)
      cured = true
      for (const {
        message: { id },
      } of letters)
        expect(await bus.replay('test--streams', id)).toBe(true)
      await eventually(
        () => handled.size,
        size => expect(size).toBe(MESSAGES),
        SETTLED,
      )
      expect(await bus.deadLetters('test--streams', 10)).toEqual([])
    },
  )
}

describe('on the embedded bus', () => {
  poisonDoesNotBlock(() => async receiver => {
    const engine = await testDatabase()
    const bus = tableEventBus({
      engine,
      subscriptions: [subscription(0.5)],
      now: Date.now,
      backoff: { minMs: 5, maxMs: 50 },
      sign: async () => 'token',
      destination: () => ({ url: `${receiver.url}/push`, audience: 'test' }),
    })
    return {
      ...bus,
      async [Symbol.asyncDispose]() {
        await bus[Symbol.asyncDispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  })
})

describe.skipIf(missing !== undefined)(`on Pub/Sub${missing === undefined ? '' : `: ${missing}`}`, () => {
  const parts = new AsyncDisposableStack()
  let open: OpenBus
  beforeAll(async () => {
    process.env['METADATA_SERVER_DETECTION'] = 'none'
    const emulator = parts.use(await startEmulator(pubsubServiceEmulator))
    open = async receiver => {
      const subscriptions = [subscription(1)]
      const options = { projectId: 'showreel-poison', endpoint: emulator.address, emulated: true, subscriptions }
      const own = new AsyncDisposableStack()
      const client = pubsubClient(options)
      own.defer(async () => await client.close())
      const bridge = own.use(
        await pubsubBridge({
          client,
          subscriptions,
          destination: () => ({ url: `${receiver.url}/push`, audience: 'test' }),
          sign: async () => 'token',
        }),
      )
      const topics = TOPICS.map(({ name }) => name)
      await makePubsubTopology(client, { topics, subscriptions, endpoint: bridge.endpoint })
      const bus = own.use(pubsubEventBus(options))
      return { ...bus, [Symbol.asyncDispose]: async () => await own.disposeAsync() }
    }
  }, 120_000)
  afterAll(async () => await parts.disposeAsync(), 60_000)
  poisonDoesNotBlock(() => open)
})
