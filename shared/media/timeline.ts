/**
 * Places the media time of one encoder run on the wall clock: media second 0 is at `zeroAtMs`.
 * Times are seconds of the encoder's own timeline; every track of a run shares it.
 */
export type Timeline = { zeroAtMs: number }

/** A timeline on which the frame at `firstS` was taken at `firstFrameAtMs`, but never before `notBeforeMs`. */
export function timelineFrom(firstS: number, firstFrameAtMs: number, notBeforeMs: number): Timeline {
  return { zeroAtMs: Math.max(firstFrameAtMs, notBeforeMs) - firstS * 1000 }
}

/** Program date-time in ms of a media time in seconds. */
export function programTimeMs(timeline: Timeline, mediaS: number): number {
  return timeline.zeroAtMs + mediaS * 1000
}

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
