import { CLIP_MS_MAX, CLIP_MS_MIN } from '#shared/domain/clip.ts'
import { Refusal } from '#shared/domain/refusal.ts'

/** What a request asks for, in ms since the start of the show, or back from its newest moment. */
export type AskedRange = { start_ms?: number | undefined; end_ms?: number | undefined; last_s?: number | undefined }

/** A range in ms since the start of the show. */
export type ClipRange = { startMs: number; endMs: number }

/** A player's clock may be this much ahead of what is recorded; the clip then ends where the recording does, in ms. */
const AHEAD_MS = 3_000

/**
 * The range that is meant, whole milliseconds, inside the show so far (`lengthMs`). Throws `clip.range` for an empty,
 * reversed, too short or too long one, and `clip.outside-stream` for one that is not in the show.
 */
export function clipRange(asked: AskedRange, lengthMs: number): ClipRange {
  const length = Math.floor(lengthMs)
  if (asked.last_s !== undefined) {
    const range = { startMs: Math.max(0, length - Math.round(asked.last_s * 1000)), endMs: length }
    if (range.endMs - range.startMs < CLIP_MS_MIN) throw tooShort('The show has only just begun.')
    return range
  }
  const { start_ms: startMs = 0, end_ms: endMs = 0 } = asked
  if (endMs <= startMs)
    throw refuse(`It ends at ${endMs} ms, which is not after its start at ${startMs} ms.`, '/end_ms')
  if (endMs - startMs < CLIP_MS_MIN) throw tooShort(`It is ${endMs - startMs} ms long.`)
  if (endMs - startMs > CLIP_MS_MAX) {
    throw refuse(`It is ${(endMs - startMs) / 1000} s long; the most is ${CLIP_MS_MAX / 1000} s.`, '/end_ms')
  }
  if (startMs >= length || endMs > length + AHEAD_MS) {
    throw new Refusal('clip.outside-stream', {
      detail: `The show is ${length} ms long so far; ask for a range inside it.`,
      param: startMs >= length ? '/start_ms' : '/end_ms',
      extra: { length_ms: length },
    })
  }
  const range = { startMs, endMs: Math.min(endMs, length) }
  if (range.endMs - range.startMs < CLIP_MS_MIN) throw tooShort('Less than a second of it has been recorded.')
  return range
}

function tooShort(what: string): Refusal {
  return refuse(`${what} A clip is at least ${CLIP_MS_MIN / 1000} s.`, '/end_ms')
}

function refuse(detail: string, param: string): Refusal {
  return new Refusal('clip.range', { detail, param })
}
