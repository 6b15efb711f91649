import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import type { Queue } from '#shared/domain/topology.ts'
import { type Destination, type PostOutcome, signedPost } from '#shared/service/signed-post.ts'
import type { QueuedTask, QueueRows } from './queue-rows.ts'

export type QueuePumpOptions = {
  queue: Queue
  rows: QueueRows
  destination: Destination
  sign: (audience: string) => Promise<string>
  now: Clock
  report: (problem: { queue: string; task?: string; reason: string }) => void
}

/** Tasks kept in memory; more wait in the table. */
const HELD_MAX = 500
/** Longest wait for a handler's answer, in ms; as Cloud Tasks has it. */
const DISPATCH_MS_MAX = 30 * 60_000
/** Longest timer, in ms; a task due later is looked at again then. */
const TIMER_MS_MAX = 60_000
/** What a handler answers that is overloaded or away: no attempt is counted. */
const NOT_NOW = new Set([429, 503])

/** Makes the calls of one queue, within its rate and its concurrency, until stopped. */
export class QueuePump {
  readonly #options: QueuePumpOptions
  readonly #held = new Map<string, QueuedTask>()
  readonly #underWay = new Map<string, Promise<void>>()
  /** Names whose rows are being made, by how many ask for them. */
  readonly #adding = new Map<string, number>()
  readonly #stop = new AbortController()
  #complete = false
  /** Names that were offered or ended while the table is being read: what the reading says of them is old. */
  #news: Set<string> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Calls that may start right now; grows by the queue's rate up to one second's worth. */
  #tokens: number
  #tokensAtMs: number
  #away = 0

  constructor(options: QueuePumpOptions) {
    this.#options = options
    this.#tokens = options.queue.maxPerSecond
    this.#tokensAtMs = options.now()
  }

  /**
   * Takes a task once `store` has made its row, unless its name was known. While it does, a reading of the table leaves
   * the row alone: it may be seen there before its maker hears that it is stored.
   */
  async add(task: QueuedTask, store: () => Promise<boolean>): Promise<void> {
    this.#adding.set(task.name, (this.#adding.get(task.name) ?? 0) + 1)
    try {
      if (await store()) this.#offer(task)
    } catch (error) {
      // The row may be there all the same.
      this.#complete = false
      throw error
    } finally {
      const others = (this.#adding.get(task.name) ?? 1) - 1
      if (others > 0) this.#adding.set(task.name, others)
      else this.#adding.delete(task.name)
    }
  }

  #offer(task: QueuedTask): void {
    if (this.#stop.signal.aborted) return
    this.#news?.add(task.name)
    if (this.#held.size >= HELD_MAX) this.#complete = false
    else this.#held.set(task.name, task)
    this.#pump()
  }

  /** Reads what waits in the table if anything may; called by the queue's tick. */
  async refill(): Promise<void> {
    if (this.#complete || this.#news !== undefined || this.#held.size >= HELD_MAX / 2) return
    if (this.#stop.signal.aborted) return
    const { rows, queue } = this.#options
    const news = new Set<string>(this.#underWay.keys())
    this.#news = news
    // An offer that finds no room while this reads says so again.
    this.#complete = true
    try {
      const found = await rows.waiting(queue.name, [...this.#held.keys(), ...news], HELD_MAX)
      if (found.length === HELD_MAX) this.#complete = false
      const fresh = found.filter(({ name }) => !news.has(name) && !this.#adding.has(name))
      for (const task of fresh) this.#held.set(task.name, task)
    } catch (error) {
      this.#complete = false
      this.#report(undefined, String(error))
    } finally {
      this.#news = undefined
    }
    this.#pump()
  }

  /** Cuts the calls under way; their tasks are called again after a restart. */
  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await Promise.allSettled(this.#underWay.values())
  }

  #pump(): void {
    clearTimeout(this.#timer)
    while (!this.#stop.signal.aborted && this.#underWay.size < this.#options.queue.maxConcurrent) {
      const task = this.#soonest()
      if (task === undefined) return
      const waitMs = Math.max(Date.parse(task.dueAt) - this.#options.now(), this.#msToNextToken())
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.min(waitMs, TIMER_MS_MAX))
        return
      }
      this.#tokens -= 1
      this.#held.delete(task.name)
      const call = this.#call(task).then(again => {
        this.#underWay.delete(task.name)
        this.#news?.add(task.name)
        if (again !== undefined) this.#held.set(again.name, again)
        this.#pump()
        void this.refill()
      })
      this.#underWay.set(task.name, call)
    }
  }

  #soonest(): QueuedTask | undefined {
    let soonest: QueuedTask | undefined
    for (const task of this.#held.values()) if (soonest === undefined || task.dueAt < soonest.dueAt) soonest = task
    return soonest
  }

  #msToNextToken(): number {
    const { queue, now } = this.#options
    const nowMs = now()
    const grown = ((nowMs - this.#tokensAtMs) / 1000) * queue.maxPerSecond
    this.#tokens = Math.min(queue.maxPerSecond, this.#tokens + Math.max(0, grown))
    this.#tokensAtMs = nowMs
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / queue.maxPerSecond) * 1000)
  }

  /** Makes one call; gives the task as it is to be called again, if it is. */
  async #call(task: QueuedTask): Promise<QueuedTask | undefined> {
    const { queue, destination, sign, rows, now } = this.#options
    let outcome: PostOutcome
    try {
      outcome = await signedPost({
        ...destination,
        body: JSON.stringify({ job_id: task.jobId }),
        headers: headersOf(queue, task),
        sign,
        timeoutMs: DISPATCH_MS_MAX,
        signal: this.#stop.signal,
      })
    } catch (error) {
      outcome = { kind: 'unreachable', reason: String(error) }
    }
    if (this.#stop.signal.aborted && outcome.kind !== 'answered') return undefined
    try {
      if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) {
        this.#away = 0
        await rows.end(queue.name, task.name, rfc3339(now()))
        return undefined
      }
      return await this.#failed(task, outcome)
    } catch (error) {
      // The row still says that it waits: it is read and called again, which a job does not mind.
      this.#complete = false
      this.#report(task.name, String(error))
      return undefined
    }
  }

  async #failed(task: QueuedTask, outcome: PostOutcome): Promise<QueuedTask | undefined> {
    const { queue, rows, now } = this.#options
    const reason = outcome.kind === 'answered' ? `answered ${outcome.status}: ${outcome.text}` : outcome.reason
    this.#report(task.name, reason)
    const away = outcome.kind === 'unreachable' || (outcome.kind === 'answered' && NOT_NOW.has(outcome.status))
    this.#away = away ? this.#away + 1 : 0
    const attempts = task.attempts + (away ? 0 : 1)
    if (attempts >= queue.attempts) {
      await rows.drop(queue.name, task.name)
      return undefined
    }
    const doublings = Math.min(away ? this.#away - 1 : attempts - 1, 20)
    const limitMs = Math.min(queue.backoffMaxS, queue.backoffMinS * 2 ** doublings) * 1000
    const asked = outcome.kind === 'answered' ? outcome.retryAfterMs : undefined
    const pauseMs = asked ?? limitMs * (0.5 + Math.random() / 2)
    const later = { ...task, attempts, dueAt: rfc3339(now() + pauseMs) }
    if (!away) await rows.postpone(queue.name, later, reason)
    return later
  }

  #report(task: string | undefined, reason: string): void {
    const { queue, report } = this.#options
    report({ queue: queue.name, reason, ...(task === undefined ? {} : { task }) })
  }
}

function headersOf(queue: Queue, task: QueuedTask): Record<string, string> {
  return {
    'x-cloudtasks-queuename': queue.name,
    'x-cloudtasks-taskname': task.name,
    'x-cloudtasks-taskretrycount': String(task.attempts),
    'x-cloudtasks-taskexecutioncount': String(task.attempts),
    'x-cloudtasks-tasketa': String(Date.parse(task.dueAt) / 1000),
    ...(task.traceparent === null ? {} : { traceparent: task.traceparent }),
  }
}
