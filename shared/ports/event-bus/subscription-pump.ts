import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import type { Subscription } from '#shared/domain/topology.ts'
import { type Destination, type PostOutcome, signedPost } from '#shared/service/signed-post.ts'
import type { BusRows, Delivery } from './bus-rows.ts'
import { deliveryWindow } from './delivery-window.ts'
import type { PushEnvelope } from './event-bus.ts'

export type PumpOptions = {
  subscription: Subscription
  rows: BusRows
  destination: Destination
  sign: (audience: string) => Promise<string>
  now: Clock
  backoff: Backoff
  report: (problem: { subscription: string; messageId?: string; reason: string }) => void
  /** Called when there is room for what waits in the table. */
  wantLoad: () => void
}

/** First and longest pause before a failed delivery is tried again, in ms. */
export type Backoff = { minMs: number; maxMs: number }

/** Pushes of one subscription under way at once. */
const PUSHES_MAX = 16
/** Deliveries kept in memory; more wait in the table. */
const WINDOW_MAX = 500
const LOAD_MAX = 200
const ACKNOWLEDGE_MAX = 500
/** A message is given up after this long even if its consumer was merely away, in ms; as long as Pub/Sub keeps one. */
const RETENTION_MS = 7 * 86_400_000
/** What a consumer answers that is overloaded or away: the message is not at fault. */
const NOT_NOW = new Set([429, 503])

/** Delivers what one subscription has waiting, until stopped. Everything it knows can be read from the table again. */
export class SubscriptionPump {
  readonly #options: PumpOptions
  readonly #window
  readonly #acknowledged: number[] = []
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  /** Everything in the table up to this row is in memory or over. */
  #loadedTo = 0
  /** Whether nothing waits in the table behind `loadedTo`. */
  #complete = false
  #acknowledging: Promise<void> | undefined
  #away = 0

  constructor(options: PumpOptions) {
    this.#options = options
    this.#window = deliveryWindow(options.subscription.ordered)
  }

  /** Takes a row that was just stored; only in the order of `seq`, and only while nothing else loads. */
  offer(delivery: Delivery): void {
    if (!this.#complete || this.#window.size >= WINDOW_MAX) {
      this.#complete = false
      return
    }
    this.#take(delivery)
    this.#pump()
  }

  /** Rows may have been stored that were not offered. */
  doubt(): void {
    this.#complete = false
  }

  /** Whether the table has to be read before more can be sent. */
  wantsLoad(): boolean {
    return !this.#complete && this.#window.size < WINDOW_MAX / 2 && !this.#stop.signal.aborted
  }

  async load(): Promise<void> {
    const { rows, subscription } = this.#options
    const loaded = await rows.after(subscription.name, this.#loadedTo, LOAD_MAX)
    this.#complete = loaded.length < LOAD_MAX
    for (const delivery of loaded) this.#take(delivery)
    this.#pump()
  }

  /** Writes down what was acknowledged, several at once; called again by the bus's tick when it failed. */
  async acknowledge(): Promise<void> {
    this.#acknowledging ??= this.#writeAcknowledged().finally(() => {
      this.#acknowledging = undefined
    })
    await this.#acknowledging
  }

  /** Cuts the pushes under way, which come again, and writes down what was acknowledged. */
  async stop(): Promise<void> {
    this.#stop.abort()
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.allSettled(this.#running)
    // The first may be a write that began before the last acknowledgement.
    await this.acknowledge()
    if (this.#acknowledged.length > 0) await this.acknowledge()
  }

  async #writeAcknowledged(): Promise<void> {
    try {
      while (this.#acknowledged.length > 0) {
        const batch = this.#acknowledged.slice(0, ACKNOWLEDGE_MAX)
        await this.#options.rows.acknowledge(this.#options.subscription.name, batch)
        this.#acknowledged.splice(0, batch.length)
      }
    } catch (error) {
      this.#options.report({ subscription: this.#options.subscription.name, reason: String(error) })
    }
  }

  #take(delivery: Delivery): void {
    this.#loadedTo = delivery.seq
    this.#window.add(delivery)
  }

  #pump(): void {
    while (!this.#stop.signal.aborted && this.#window.underWay < PUSHES_MAX) {
      const delivery = this.#window.take()
      if (delivery === undefined) return
      const waitMs = delivery.notBefore === null ? 0 : Date.parse(delivery.notBefore) - this.#options.now()
      if (waitMs > 0) {
        this.#window.hold(delivery)
        this.#reopenIn(waitMs, delivery)
      } else {
        const run = this.#deliver(delivery).finally(() => {
          this.#running.delete(run)
          this.#pump()
          if (this.wantsLoad()) this.#options.wantLoad()
        })
        this.#running.add(run)
      }
    }
  }

  #reopenIn(ms: number, delivery: Delivery): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      delivery.notBefore = null
      this.#window.reopen(delivery)
      this.#pump()
    }, ms)
    this.#timers.add(timer)
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { destination, sign, subscription } = this.#options
    let outcome: PostOutcome
    try {
      const body = JSON.stringify(envelopeOf(subscription.name, delivery))
      const timeoutMs = subscription.ackDeadlineS * 1000
      outcome = await signedPost({ ...destination, body, sign, timeoutMs, signal: this.#stop.signal })
    } catch (error) {
      outcome = { kind: 'unreachable', reason: String(error) }
    }
    if (this.#stop.signal.aborted && outcome.kind !== 'answered') return
    if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) {
      this.#away = 0
      this.#acknowledged.push(delivery.seq)
      this.#window.settle(delivery)
      void this.acknowledge()
    } else {
      await this.#failed(delivery, outcome)
    }
  }

  async #failed(delivery: Delivery, outcome: PostOutcome): Promise<void> {
    const { subscription, now, backoff, report } = this.#options
    const reason = outcome.kind === 'answered' ? `answered ${outcome.status}: ${outcome.text}` : outcome.reason
    report({ subscription: subscription.name, messageId: delivery.messageId, reason })
    const expired = now() - Date.parse(delivery.publishedAt) > RETENTION_MS
    const away = outcome.kind === 'unreachable' || (outcome.kind === 'answered' && NOT_NOW.has(outcome.status))
    this.#away = away ? this.#away + 1 : 0
    if (!away) delivery.attempts += 1
    if (expired || delivery.attempts >= subscription.attempts) {
      await this.#bury(delivery, reason)
      return
    }
    const asked = outcome.kind === 'answered' ? outcome.retryAfterMs : undefined
    const doublings = away ? Math.min(this.#away, 20) - 1 : delivery.attempts - 1
    const limitMs = Math.min(backoff.maxMs, asked ?? backoff.minMs * 2 ** doublings)
    const notBeforeMs = now() + limitMs * (0.5 + Math.random() / 2)
    if (!away) {
      // Written before it is tried again: on another connection this would overtake what comes of that.
      const { rows } = this.#options
      const notBefore = rfc3339(notBeforeMs)
      await this.#written(rows.postpone(subscription.name, delivery.seq, delivery.attempts, notBefore, reason))
    }
    this.#window.hold(delivery)
    if (!this.#stop.signal.aborted) this.#reopenIn(Math.max(0, notBeforeMs - now()), delivery)
  }

  async #bury(delivery: Delivery, reason: string): Promise<void> {
    const { subscription, now, rows } = this.#options
    await this.#written(rows.bury(subscription.name, delivery.seq, delivery.attempts, reason, rfc3339(now())))
    this.#window.settle(delivery)
  }

  /** A failure that could not be written down is forgotten by a restart, which only means more attempts. */
  async #written(write: Promise<void>): Promise<void> {
    try {
      await write
    } catch (error) {
      this.#options.report({ subscription: this.#options.subscription.name, reason: String(error) })
    }
  }
}

function envelopeOf(subscription: string, delivery: Delivery): PushEnvelope {
  return {
    message: {
      messageId: delivery.messageId,
      publishTime: delivery.publishedAt,
      orderingKey: delivery.orderingKey,
      attributes: delivery.attributes,
      data: Buffer.from(delivery.data).toString('base64'),
    },
    subscription,
    deliveryAttempt: delivery.attempts + 1,
  }
}
