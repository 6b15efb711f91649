/**
 * Where the segment that starts at `startS` should end. Key frames are forced at whole multiples of `gopS` on the
 * first frame at or after each, so at fractional rates the distance of two keys differs by one frame now and then.
 */
export function expectedEndS(startS: number, gopS: number, frameS: number): number {
  const apart = startS + gopS
  const onGrid = Math.round(apart / gopS) * gopS
  return Math.abs(onGrid - apart) <= frameS ? Math.min(onGrid, apart) : apart
}

/** Samples of one AAC frame. */
const AAC_FRAME_SAMPLES = 1024

/**
 * How long one part of any track gets, in seconds, when the muxer is told to cut at `(partFrames - 0.5) / fps`:
 * video parts hold `partFrames`, audio parts the first whole AAC frames that reach the cut.
 */
export function longestPartS(plan: { fps: number; partFrames: number }, sampleRates: readonly number[]): number {
  const cutS = (plan.partFrames - 0.5) / plan.fps
  const audio = sampleRates.map(rate => (Math.ceil((cutS * rate) / AAC_FRAME_SAMPLES) * AAC_FRAME_SAMPLES) / rate)
  return Math.max(plan.partFrames / plan.fps, ...audio)
}
