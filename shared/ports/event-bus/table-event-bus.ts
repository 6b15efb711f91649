import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { type Subscription, SUBSCRIPTIONS, type TopicName } from '#shared/domain/topology.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import type { Destination } from '#shared/service/signed-post.ts'
import { type BusRows, busRows, wants } from './bus-rows.ts'
import { type BusMessage, type EventBus, MESSAGE_BYTES_MAX } from './event-bus.ts'
import { type Backoff, SubscriptionPump } from './subscription-pump.ts'

export type TableEventBusOptions = {
  engine: TableEngine
  /** Where the messages of a subscription are POSTed, and the audience of their tokens. */
  destination: (subscription: Subscription) => Destination
  /** A bearer token for the audience, as `ServiceCalls.sign` gives it. */
  sign: (audience: string) => Promise<string>
  now: Clock
  subscriptions?: readonly Subscription[]
  backoff?: Backoff
  report?: (problem: { subscription: string; messageId?: string; reason: string }) => void
}

const BACKOFF: Backoff = { minMs: 500, maxMs: 30_000 }
/** How often the bus looks after what a failed statement left undone, in ms. */
const TICK_MS = 500
/** Rows stored by one statement. */
const STORE_MAX = 500
/** Messages that may wait to be stored; publishers beyond that are refused. */
const PENDING_MAX = 20_000

type Pending = {
  entries: { subscription: string; message: BusMessage }[]
  stored: PromiseWithResolvers<void>
}

/**
 * The event bus on tables of a PostgreSQL engine; this process stores and delivers, and is the only one that does.
 *
 * A message is one row a subscription that wants it (by its attribute `type`), deleted when acknowledged; publishers that
 * come together share one statement. Delivery starts from memory right after the commit, and from the table after a restart.
 * A consumer that is away (no connection, 429, 503) costs no attempt; an error or a timeout does.
 */
export function tableEventBus(options: TableEventBusOptions): EventBus & AsyncDisposable {
  const { now, subscriptions = SUBSCRIPTIONS, backoff = BACKOFF, report = () => undefined } = options
  const rows = busRows(options.engine)
  const pumps = new Map<string, SubscriptionPump>()
  const worker = new BusWorker(rows, pumps, now, report)
  for (const subscription of subscriptions) {
    const destination = options.destination(subscription)
    const wantLoad = (): void => worker.wake()
    const pump = { subscription, rows, destination, sign: options.sign, now, backoff, report, wantLoad }
    pumps.set(subscription.name, new SubscriptionPump(pump))
  }
  worker.start()

  return {
    async publish(topic, messages, signal) {
      signal?.throwIfAborted()
      const entries = fanOut(subscriptions, topic, messages)
      if (entries.length > 0) await worker.store(entries)
    },
    deadLetters: async (subscription, limit) => await rows.dead(subscription, limit),
    replay: async (subscription, messageId) => await worker.replay(subscription, messageId),
    async backlog() {
      const waiting = await rows.waiting()
      return waiting.map(({ subscription, waiting: count, oldest }) => ({
        subscription,
        waiting: count,
        oldestMs: Math.max(0, now() - Date.parse(oldest)),
      }))
    },
    [Symbol.asyncDispose]: async () => await worker.stop(),
  }
}

/** Stores, loads and replays one after the other, so that rows reach memory in the order of their numbers. */
class BusWorker {
  readonly #rows: BusRows
  readonly #pumps: ReadonlyMap<string, SubscriptionPump>
  readonly #now: Clock
  readonly #report: NonNullable<TableEventBusOptions['report']>
  readonly #pending: Pending[] = []
  #turn: Promise<void> = Promise.resolve()
  #awake = false
  #tick: NodeJS.Timeout | undefined
  #stopped = false

  constructor(
    rows: BusRows,
    pumps: ReadonlyMap<string, SubscriptionPump>,
    now: Clock,
    report: NonNullable<TableEventBusOptions['report']>,
  ) {
    this.#rows = rows
    this.#pumps = pumps
    this.#now = now
    this.#report = report
  }

  start(): void {
    this.wake()
    this.#tick = setInterval(() => {
      for (const pump of this.#pumps.values()) void pump.acknowledge()
      if ([...this.#pumps.values()].some(pump => pump.wantsLoad())) this.wake()
    }, TICK_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#tick)
    await this.#turn
    await Promise.all([...this.#pumps.values()].map(async pump => await pump.stop()))
  }

  async store(entries: Pending['entries']): Promise<void> {
    if (this.#stopped) throw new Error('The event bus is closed.')
    if (this.#pending.length >= PENDING_MAX)
      throw new Error('The event bus has too many messages waiting to be stored.')
    const stored = Promise.withResolvers<void>()
    this.#pending.push({ entries, stored })
    this.wake()
    await stored.promise
  }

  async replay(subscription: string, messageId: string): Promise<boolean> {
    const pump = this.#pumps.get(subscription)
    if (pump === undefined) return false
    return await this.#alone(async () => {
      const revived = await this.#rows.revive(subscription, messageId)
      if (revived !== undefined) pump.offer(revived)
      return revived !== undefined
    })
  }

  /** Stores and loads whatever there is, soon. */
  wake(): void {
    if (this.#awake) return
    this.#awake = true
    void this.#alone(async () => {
      this.#awake = false
      await this.#storeAndLoad()
    })
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work)
    this.#turn = turn.then(
      () => undefined,
      () => undefined,
    )
    return await turn
  }

  async #storeAndLoad(): Promise<void> {
    while (this.#pending.length > 0) await this.#storeBatch(takeBatch(this.#pending))
    for (const [name, pump] of this.#pumps) {
      try {
        while (pump.wantsLoad() && this.#pending.length === 0) await pump.load()
      } catch (error) {
        this.#report({ subscription: name, reason: String(error) })
      }
    }
    if (this.#pending.length > 0) this.wake()
  }

  async #storeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const entries = batch.flatMap(pending => pending.entries)
      const added = await this.#rows.add(entries, rfc3339(this.#now()))
      for (const { subscription, delivery } of added) this.#pumps.get(subscription)?.offer(delivery)
      for (const { stored } of batch) stored.resolve()
    } catch (error) {
      // The rows may be there all the same.
      for (const pump of this.#pumps.values()) pump.doubt()
      for (const { stored } of batch) stored.reject(error)
    }
  }
}

function takeBatch(pending: Pending[]): Pending[] {
  const batch: Pending[] = []
  let count = 0
  while (count < STORE_MAX) {
    const next = pending.shift()
    if (next === undefined) break
    batch.push(next)
    count += next.entries.length
  }
  return batch
}

function fanOut(
  subscriptions: readonly Subscription[],
  topic: TopicName,
  messages: readonly BusMessage[],
): Pending['entries'] {
  for (const { id, data } of messages) {
    if (Buffer.byteLength(data) > MESSAGE_BYTES_MAX)
      throw new RangeError(`The message ${id} is larger than the bus takes.`)
  }
  const subscribed = subscriptions.filter(subscription => subscription.topic === topic)
  return messages.flatMap(message =>
    subscribed
      .filter(subscription => wants(subscription, message))
      .map(subscription => ({ subscription: subscription.name, message })),
  )
}
