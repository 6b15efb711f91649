/** Highest output rate; faster sources are sampled down. */
const FPS_MAX = 60
const FPS_MIN = 5
/** How far a measured rate may lie from a standard one and still be it. */
const SNAP_RATIO = 0.02
/** Below this distance two standard rates cannot be told apart by millisecond timestamps; a declared rate decides. */
const NTSC_RATIO = 0.0015

type Standard = { fps: number; fraction: string }

/** Rates that cameras and encoders use, with the exact fraction ffmpeg takes. */
const STANDARD: readonly Standard[] = [
  { fps: 24_000 / 1001, fraction: '24000/1001' },
  { fps: 24, fraction: '24' },
  { fps: 25, fraction: '25' },
  { fps: 30_000 / 1001, fraction: '30000/1001' },
  { fps: 30, fraction: '30' },
  { fps: 50, fraction: '50' },
  { fps: 60_000 / 1001, fraction: '60000/1001' },
  { fps: 60, fraction: '60' },
]

/** The constant rate to encode at: the standard rate nearest to what was measured, at most `FPS_MAX`. */
export function snapFrameRate(measured: number): number {
  if (measured >= FPS_MAX) return FPS_MAX
  const near = STANDARD.filter(rate => Math.abs(rate.fps - measured) / rate.fps <= SNAP_RATIO)
  const [best] = near.sort((a, b) => Math.abs(a.fps - measured) - Math.abs(b.fps - measured))
  return best?.fps ?? Math.max(FPS_MIN, Math.round(measured))
}

/** The rate as ffmpeg's `fps` filter takes it without rounding. */
export function frameRateFraction(fps: number): string {
  return STANDARD.find(rate => rate.fps === fps)?.fraction ?? String(fps)
}

/**
 * The source's rate from what it declares (SPS, metadata) and what its timestamps show: a declared rate counts when it
 * agrees with the timestamps, else the timestamps do, else any declared one.
 */
export function sourceFrameRate(
  declared: readonly (number | undefined)[],
  timestampsMs: readonly number[],
): number | undefined {
  const believable = declared.filter(fps => fps !== undefined && fps >= 1 && fps <= 300) as number[]
  const measured = measuredRate(timestampsMs)
  if (measured === undefined) return believable[0]
  return believable.find(fps => Math.abs(fps - measured) / measured <= SNAP_RATIO + NTSC_RATIO) ?? measured
}

/** Frames a second over the whole range; the median spacing where gaps would spoil that. */
function measuredRate(timestampsMs: readonly number[]): number | undefined {
  const sorted = timestampsMs.toSorted((a, b) => a - b)
  const steps = sorted.slice(1).map((at, index) => at - (sorted[index] ?? at))
  const positive = steps.filter(step => step > 0).sort((a, b) => a - b)
  const median = positive[positive.length >> 1]
  if (median === undefined || positive.length < 2) return undefined
  const regular = positive.filter(step => step < 2 * median && step * 2 > median)
  return (1000 * regular.length) / regular.reduce((sum, step) => sum + step, 0)
}
