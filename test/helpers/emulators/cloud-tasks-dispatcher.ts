import { signedPost } from '#shared/service/signed-post.ts'

/** A queue's limits, as `CreateQueue` takes them. */
export type QueueLimits = {
  maxDispatchesPerSecond: number
  maxConcurrentDispatches: number
  maxAttempts: number
  minBackoffMs: number
  maxBackoffMs: number
}

/** A task as `CreateTask` takes it, in the fields that the fake reads. */
export type FakeTask = {
  id: string
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  account: string
  audience: string
  dueMs: number
  deadlineMs: number
}

export type DispatcherOptions = {
  queue: string
  limits: QueueLimits
  /** A token for the audience in the account's name. */
  sign: (audience: string, account: string) => Promise<string>
}

type Held = { task: FakeTask; attempts: number; dueMs: number }

/** The shortest pause before a retry, in ms, whatever the queue says. */
const BACKOFF_MS_MIN = 100
const TIMER_MS_MAX = 60_000

/** Calls the tasks of one queue within its limits, soonest first, until stopped. */
export class CloudTasksDispatcher {
  readonly #options: DispatcherOptions
  readonly #known = new Set<string>()
  readonly #waiting = new Set<Held>()
  readonly #stop = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #tokens: number
  #tokensAtMs = Date.now()
  #timer: NodeJS.Timeout | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#tokens = options.limits.maxDispatchesPerSecond
  }

  /** False when the name was used before; it is remembered for as long as the fake runs. */
  add(task: FakeTask): boolean {
    if (this.#known.has(task.id)) return false
    this.#known.add(task.id)
    this.#waiting.add({ task, attempts: 0, dueMs: task.dueMs })
    this.#pump()
    return true
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await Promise.allSettled(this.#underWay)
  }

  #pump(): void {
    clearTimeout(this.#timer)
    while (!this.#stop.signal.aborted && this.#underWay.size < this.#options.limits.maxConcurrentDispatches) {
      const held = [...this.#waiting].sort((one, two) => one.dueMs - two.dueMs)[0]
      if (held === undefined) return
      const waitMs = Math.max(held.dueMs - Date.now(), this.#msToToken())
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.min(waitMs, TIMER_MS_MAX))
        return
      }
      this.#tokens -= 1
      this.#waiting.delete(held)
      const run = this.#call(held).finally(() => {
        this.#underWay.delete(run)
        this.#pump()
      })
      this.#underWay.add(run)
    }
  }

  #msToToken(): number {
    const { maxDispatchesPerSecond: rate } = this.#options.limits
    const nowMs = Date.now()
    this.#tokens = Math.min(rate, this.#tokens + ((nowMs - this.#tokensAtMs) / 1000) * rate)
    this.#tokensAtMs = nowMs
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / rate) * 1000)
  }

  async #call(held: Held): Promise<void> {
    const { queue, limits, sign } = this.#options
    const { task, attempts } = held
    const outcome = await signedPost({
      url: task.url,
      audience: task.audience,
      body: task.body,
      headers: {
        ...task.headers,
        'x-cloudtasks-queuename': queue,
        'x-cloudtasks-taskname': task.id,
        'x-cloudtasks-taskretrycount': String(attempts),
        'x-cloudtasks-taskexecutioncount': String(attempts),
        'x-cloudtasks-tasketa': String(held.dueMs / 1000),
      },
      sign: async audience => await sign(audience, task.account),
      timeoutMs: task.deadlineMs,
      signal: this.#stop.signal,
    })
    if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) return
    held.attempts += 1
    if (this.#stop.signal.aborted || held.attempts >= limits.maxAttempts) return
    const pauseMs = Math.min(limits.maxBackoffMs, limits.minBackoffMs * 2 ** attempts)
    held.dueMs = Date.now() + Math.max(BACKOFF_MS_MIN, pauseMs)
    this.#waiting.add(held)
  }
}
