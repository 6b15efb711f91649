import type { Clock } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { pause } from '#shared/service/pause.ts'
import { rateWindow } from './rate-window.ts'

type GathererOptions = {
  /** Bounds of one piece of metadata, in bytes, and of a channel, in pieces a second. */
  bytesMax: number
  perSecond: number
  /** Places one piece of metadata on a channel. */
  place: (channel: string, metadata: string) => Promise<void>
  now: Clock
}

/** Cues of channels, at most so many pieces of metadata a second. */
export type CueGatherer = Disposable & {
  /**
   * Resolves once the cue is placed: at once within the rate, else together with others within about a second. Throws
   * `cue.too-large`, `request.rate-limited` when more wait than a second can place, or what placing throws.
   */
  put(channel: string, cue: string): Promise<void>
}

type Batch = { cues: string[]; bytes: number; placed: PromiseWithResolvers<void> }

const BEFORE = '{"cues":['
const AFTER = ']}'
/** How often a channel whose rate is used up is looked at again, in ms. */
const LOOK_EVERY_MS = 50

/**
 * Gathers cues over the rate into one piece of metadata, `{"cues":[…]}`, in order; whoever plays takes it apart. A cue alone
 * stays as it is, but for one that would be taken for such a piece. What waits is bounded by what one second can place.
 */
export function cueGatherer({ bytesMax, perSecond, place, now }: GathererOptions): CueGatherer {
  const window = rateWindow(perSecond, now)
  const waiting = new Map<string, Batch[]>()
  const stop = new AbortController()

  async function send(channel: string, cues: readonly string[]): Promise<void> {
    try {
      await place(channel, metadataOf(cues))
    } catch (error) {
      // What was not placed does not count.
      window.giveBack(channel)
      throw error
    }
  }

  async function drain(channel: string, batches: Batch[]): Promise<void> {
    while (batches.length > 0) {
      while (!stop.signal.aborted && !window.take(channel)) await pause(LOOK_EVERY_MS, stop.signal)
      const batch = batches.shift()
      if (stop.signal.aborted) batch?.placed.reject(ending())
      else await send(channel, batch?.cues ?? []).then(batch?.placed.resolve, batch?.placed.reject)
    }
    waiting.delete(channel)
  }

  function enqueue(channel: string, cue: string): Promise<void> {
    const batches = waiting.get(channel) ?? []
    const bytes = Buffer.byteLength(cue) + 1
    const open = batches.at(-1)
    if (open !== undefined && open.bytes + bytes <= bytesMax && isJson(cue)) {
      open.cues.push(cue)
      open.bytes += bytes
      return open.placed.promise
    }
    if (batches.length >= perSecond) {
      throw new Refusal('request.rate-limited', { detail: 'More cues wait than a second can place.', retryAfterS: 1 })
    }
    const placed = Promise.withResolvers<void>()
    // A cue that is no JSON cannot stand in a list: nothing is added to it.
    const filled = isJson(cue) ? BEFORE.length + AFTER.length - 1 + bytes : bytesMax
    batches.push({ cues: [cue], bytes: filled, placed })
    if (!waiting.has(channel)) {
      waiting.set(channel, batches)
      void drain(channel, batches)
    }
    return placed.promise
  }

  return {
    async put(channel, cue) {
      if (Buffer.byteLength(metadataOf([cue])) > bytesMax) {
        throw new Refusal('cue.too-large', { detail: `A cue is at most ${bytesMax} bytes.` })
      }
      if (stop.signal.aborted) throw ending()
      if (!waiting.has(channel) && window.take(channel)) await send(channel, [cue])
      else await enqueue(channel, cue)
    },
    [Symbol.dispose]: () => stop.abort(),
  }
}

function metadataOf(cues: readonly string[]): string {
  const [only = ''] = cues
  return cues.length === 1 && !only.startsWith(BEFORE) ? only : BEFORE + cues.join(',') + AFTER
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function ending(): Refusal {
  return new Refusal('service.unavailable', { detail: 'This instance is ending; the cue was not placed.' })
}
