/** What is looked at of a video element. */
type Watched = Pick<HTMLVideoElement, 'paused' | 'ended' | 'seeking' | 'currentTime'>

/** Longest time a playing show may stand still before it is put back to the live edge, in ms. */
export const STILL_MS_MAX = 4_000

/**
 * Finds a live show that stands still although more of it is there: after a line that narrowed and widened, a hole of a
 * fraction of a second may stay that no retry fills. Call it about once a second; it gives the position to jump to, once a
 * stall. A pause, a seek and a show whose edge stands still as well (its publisher is away) are no stall.
 */
export function unstickLive(): (video: Watched, edge: number | null, nowMs: number) => number | undefined {
  let seen = { position: Number.NaN, edge: Number.NaN, sinceMs: 0 }
  return (video, edge, nowMs) => {
    const moving = video.paused || video.ended || video.seeking || video.currentTime !== seen.position
    if (edge === null || moving) {
      seen = { position: video.currentTime, edge: edge ?? Number.NaN, sinceMs: nowMs }
      return undefined
    }
    if (nowMs - seen.sinceMs < STILL_MS_MAX || edge <= Math.max(seen.edge, video.currentTime)) return undefined
    seen = { position: Number.NaN, edge, sinceMs: nowMs }
    return edge
  }
}
