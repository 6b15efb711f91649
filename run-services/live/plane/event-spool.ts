import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { pause } from '#shared/service/pause.ts'
import { spoolIndex } from './spool-index.ts'
import { retryDelayMs } from './retry-delay.ts'

/** Events held in memory while the store does not take them; beyond it the newest is given up, and counted. */
const UNWRITTEN_MAX = 10_000
/** An overflowing index is filled again from the store below this. */
const RELOAD_BELOW_KEYS = 1_000
/** The spool of another owner is sent along once an event of it is this old, in ms: nobody else does it. */
const ADOPT_AFTER_MS = 60_000
const SPOOL_PREFIX = 'plane/spool/'
const DEAD_PREFIX = 'plane/spool-dead/'
const KEY_TIME = /\/(\d{15})-\d{8}\./

/** An event waiting to be told, by the key it is stored under. */
export type SpooledEvent = { key: string; ref: string }

export type SpoolDeps = { store: ObjectStore; owner: string; now: Clock; random: () => number; signal: AbortSignal }

/**
 * Provider events that are not acknowledged yet, each one object under `plane/spool/<owner>/`, in order per channel.
 * What was appended survives the death of this process and of whoever should hear it.
 */
export class EventSpool {
  readonly #deps: SpoolDeps
  readonly #ownPrefix: string
  readonly #index = spoolIndex()
  #unwritten = 0
  #givenUp = 0
  #lastStampMs = 0
  #count = 0
  #writing: Promise<void> = Promise.resolve()
  /** Keys stored while the index is read anew; undefined otherwise. */
  #storedMeanwhile: Set<string> | undefined

  constructor(deps: SpoolDeps) {
    this.#deps = deps
    this.#ownPrefix = `${SPOOL_PREFIX}${deps.owner}/`
  }

  /** Resolves when the event is durable; retries for as long as the store has trouble. Never throws. */
  append(event: ProviderEvent): Promise<void> {
    if (this.#unwritten >= UNWRITTEN_MAX) {
      this.#givenUp += 1
      return Promise.resolve()
    }
    this.#unwritten += 1
    const body = Buffer.from(JSON.stringify(event))
    const key = this.#nextKey(event.resources[0])
    this.#writing = this.#writing.then(() => this.#store(key, body)).finally(() => (this.#unwritten -= 1))
    return this.#writing
  }

  /** Waits until every event appended so far is durable. */
  flush(): Promise<void> {
    return this.#writing
  }

  /** The oldest waiting events of a channel, in order. */
  heads(ref: string, max: number): SpooledEvent[] {
    return this.#index.heads(ref, max).map(key => ({ key, ref }))
  }

  /** Its JSON text; undefined when another process has told it meanwhile. */
  async read({ key }: SpooledEvent): Promise<string | undefined> {
    const object = await this.#deps.store.get(key)
    if (object === undefined) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of object.body) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }

  /** They were told: forgets them. */
  async acknowledge(entries: readonly SpooledEvent[]): Promise<void> {
    if (entries.length === 0) return
    await this.#deps.store.delete(entries.map(({ key }) => key))
    for (const { key, ref } of entries) this.#index.remove(ref, key)
    if (this.#index.overflowing() && this.#index.size() < RELOAD_BELOW_KEYS) await this.recover()
  }

  /** Sets a poisonous event aside so that its channel can go on. */
  async bury(entry: SpooledEvent): Promise<void> {
    const body = await this.read(entry)
    const name = `${DEAD_PREFIX}${rfc3339(this.#deps.now()).slice(0, 10)}/${entry.key.slice(SPOOL_PREFIX.length)}`
    if (body !== undefined) await this.#deps.store.put(name, Buffer.from(body), { contentType: 'application/json' })
    await this.acknowledge([entry])
  }

  /** Calls back with every channel that has something to tell, now and from now on. */
  onWaiting(listener: (ref: string) => void): void {
    this.#index.onKey(listener)
  }

  /** Takes up what earlier processes, and dead ones, left behind. */
  async recover(): Promise<void> {
    if (this.#storedMeanwhile !== undefined) return
    const stored = new Set<string>()
    this.#storedMeanwhile = stored
    this.#index.reopen()
    const known = this.#index.keys()
    try {
      for await (const { key } of this.#deps.store.list(SPOOL_PREFIX, { signal: this.#deps.signal })) {
        stored.delete(key)
        if (!known.has(key) && this.#mayTell(key) && !this.#index.add(key)) break
      }
    } finally {
      this.#storedMeanwhile = undefined
      for (const key of stored) this.#index.add(key)
    }
  }

  /** `waiting` is a lower bound while the store holds more than fits into memory. */
  counts(): { waiting: number; unwritten: number; givenUp: number } {
    return { waiting: this.#index.size(), unwritten: this.#unwritten, givenUp: this.#givenUp }
  }

  #nextKey(ref: string): string {
    this.#lastStampMs = Math.max(this.#lastStampMs, this.#deps.now())
    this.#count += 1
    const stamp = String(Math.floor(this.#lastStampMs)).padStart(15, '0')
    return `${this.#ownPrefix}${stamp}-${String(this.#count).padStart(8, '0')}.${ref}.json`
  }

  async #store(key: string, body: Uint8Array): Promise<void> {
    const { store, random, signal } = this.#deps
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await store.put(key, body, { contentType: 'application/json', cacheControl: 'no-store' })
        if (this.#storedMeanwhile === undefined) this.#index.add(key)
        else this.#storedMeanwhile.add(key)
        return
      } catch {
        await pause(retryDelayMs(attempt, random), signal)
      }
    }
  }

  #mayTell(key: string): boolean {
    const stampMs = Number(KEY_TIME.exec(key)?.[1] ?? Number.NaN)
    if (Number.isNaN(stampMs)) return false
    if (!key.startsWith(this.#ownPrefix)) return this.#deps.now() - stampMs > ADOPT_AFTER_MS
    // A clock that was set back must not put new events before old ones.
    this.#lastStampMs = Math.max(this.#lastStampMs, stampMs)
    return true
  }
}
