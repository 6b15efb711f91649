import type { FlvTag } from './flv-tag.ts'

/** Gaps up to this are believed: an encoder that dropped frames on a bad line. Longer ones are folded. */
const FORWARD_MS_MAX = 5_000
/** Steps back up to this are smoothed over; longer ones are a new time base. */
const BACKWARD_MS_MAX = 100
const NOMINAL_STEP_MS = { audio: 23, video: 33, script: 1 } as const
const STEP_MS_MAX = 200

type Track = { outMs: number; stepMs: number }

/**
 * Straightens the timestamps of one publisher connection: wraps at 2^32 are unwound, jumps in either direction are
 * folded to one frame, and within a track time always grows. Output counts from 0 and may pass 2^32.
 */
export class TimestampRepair {
  readonly #tracks: Partial<Record<FlvTag['kind'], Track>> = {}
  #rawMs: number | undefined
  #unwrappedMs = 0
  #offsetMs = 0
  #newestMs = 0
  /** Time bases that were folded so far. */
  jumps = 0

  /** The repaired time of a media frame, ms. Configuration tags have no time of their own: use `newestMs`. */
  repair(kind: 'audio' | 'video', timestampMs: number): number {
    this.#unwrap(timestampMs)
    const track = this.#tracks[kind]
    let out = this.#unwrappedMs + this.#offsetMs
    if (!this.#continues(out, track)) {
      out = (track ?? { outMs: this.#newestMs }).outMs + (track?.stepMs ?? NOMINAL_STEP_MS[kind])
      this.#offsetMs = out - this.#unwrappedMs
      this.jumps += 1
    }
    return this.#keep(kind, track, Math.max(0, out))
  }

  /** Time of the newest frame of any track. */
  get newestMs(): number {
    return this.#newestMs
  }

  #unwrap(timestampMs: number): void {
    if (this.#rawMs === undefined) {
      this.#offsetMs = -timestampMs
      this.#unwrappedMs = timestampMs
    } else {
      this.#unwrappedMs += (timestampMs - this.#rawMs) | 0
    }
    this.#rawMs = timestampMs
  }

  #continues(out: number, track: Track | undefined): boolean {
    const near = (from: number): boolean => out >= from - BACKWARD_MS_MAX && out <= from + FORWARD_MS_MAX
    if (track && near(track.outMs)) return true
    // A track that was silent for long, or starts late, goes by the other one.
    if (track && out < track.outMs) return false
    return near(this.#newestMs) || (!track && Math.abs(out - this.#newestMs) <= FORWARD_MS_MAX)
  }

  #keep(kind: 'audio' | 'video', track: Track | undefined, wanted: number): number {
    const out = track ? Math.max(wanted, track.outMs + 1) : wanted
    const step = track ? out - track.outMs : NOMINAL_STEP_MS[kind]
    const stepMs = track && step > STEP_MS_MAX ? track.stepMs : step
    this.#tracks[kind] = { outMs: out, stepMs }
    this.#newestMs = Math.max(this.#newestMs, out)
    return out
  }
}
