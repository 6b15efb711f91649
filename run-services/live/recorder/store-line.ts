import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'
import { pause } from '#shared/service/pause.ts'

const RETRY_FIRST_MS = 250
const RETRY_MAX_MS = 5_000

/** One thing to store. `store` may run more than once. */
export type StoreTask = {
  bytes: number
  /** Given up when the line is too long; what other things need is not. */
  droppable: boolean
  store(): Promise<void>
  stored(): void
  dropped(): void
}

export type StoreLineOptions = {
  bytesMax: number
  /** Storing has begun to fail, or fails for another reason. */
  failing(sentence: string): void
}

/** Stores things one after the other, in order, and tries again until it works; bounded in bytes. */
export class StoreLine {
  readonly #options: StoreLineOptions
  readonly #stop = new AbortController()
  readonly #tasks: StoreTask[] = []
  #bytes = 0
  #trouble: string | undefined
  #running = false
  #idle = Promise.withResolvers<void>()

  constructor(options: StoreLineOptions) {
    this.#options = options
    this.#idle.resolve()
  }

  get waiting(): number {
    return this.#tasks.length
  }

  /** What is wrong now, in one sentence. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  add(task: StoreTask): void {
    this.#tasks.push(task)
    this.#bytes += task.bytes
    this.#shorten()
    if (!this.#running) void this.#run()
  }

  /** Resolves when nothing waits, or nothing can be stored at the moment. */
  async idle(): Promise<void> {
    if (this.#trouble === undefined) await this.#idle.promise
  }

  /** Stops trying; what waits stays. */
  stop(): void {
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    this.#running = true
    this.#idle = Promise.withResolvers<void>()
    let failures = 0
    for (let task = this.#tasks[0]; task !== undefined && !this.#stop.signal.aborted; task = this.#tasks[0]) {
      if (await this.#attempt(task)) {
        failures = 0
        if (this.#tasks[0] === task) this.#shift()
        task.stored()
      } else {
        failures += 1
        this.#idle.resolve()
        await pause(Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (failures - 1)), this.#stop.signal)
      }
    }
    this.#running = false
    this.#idle.resolve()
  }

  async #attempt(task: StoreTask): Promise<boolean> {
    try {
      await task.store()
      this.#trouble = undefined
      return true
    } catch (error) {
      const sentence = sentenceOf(error)
      if (this.#trouble !== sentence) this.#options.failing(sentence)
      this.#trouble = sentence
      return false
    }
  }

  /** Gives up the oldest droppable things beyond the bound, never the one that is being stored. */
  #shorten(): void {
    while (this.#bytes > this.#options.bytesMax) {
      const index = this.#tasks.findIndex((task, at) => task.droppable && at > 0)
      if (index === -1) return
      const [task] = this.#tasks.splice(index, 1)
      this.#bytes -= task?.bytes ?? 0
      task?.dropped()
    }
  }

  #shift(): void {
    this.#bytes -= this.#tasks.shift()?.bytes ?? 0
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof ObjectStoreError && error.kind === 'full') {
    return 'The storage is full: the show goes on live, its recording waits until there is room.'
  }
  const message = error instanceof Error ? error.message : String(error)
  return `The recording cannot be stored at the moment: ${message}`
}
