const TICK_MS = 250
/** A picture that stands still this long while newer media lies ready is stuck, in ms. */
const STUCK_MS = 1_200
/** Time a jump gets to bring a picture before the next one, in ms. */
const PATIENCE_MS = 3_000
/** Media beyond the loaded end that shows the show goes on, in s: three parts. */
const AHEAD_S = 0.6

export type Playhead = {
  paused: boolean
  /** Whether the next frame is there, as `HTMLMediaElement.readyState` tells. */
  ready: boolean
  /** Where the loaded media ends and where the playlist does, in media time (s). */
  loadedToS: number
  edgeS: number
}

/** Whether a player waits for media that the playlist has long had, and not for a creator who is away. */
function isStuck({ paused, ready, loadedToS, edgeS }: Playhead): boolean {
  return !paused && !ready && edgeS - loadedToS > AHEAD_S
}

/**
 * Calls `jump` when playback is stuck: with separate audio and parts, one track's loader may stop at a segment's end
 * and never ask for the next part. Gives the function that ends the watch.
 */
export function guardStalls(playhead: () => Playhead | undefined, jump: () => void): () => void {
  let stuckMs = 0
  let restMs = 0
  const timer = setInterval(() => {
    const now = playhead()
    restMs = Math.max(0, restMs - TICK_MS)
    stuckMs = now !== undefined && restMs === 0 && isStuck(now) ? stuckMs + TICK_MS : 0
    if (stuckMs < STUCK_MS) return
    stuckMs = 0
    restMs = PATIENCE_MS
    jump()
  }, TICK_MS)
  return () => clearInterval(timer)
}
