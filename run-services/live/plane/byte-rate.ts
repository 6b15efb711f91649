/** How far back the rate looks, in ms. */
const WINDOW_MS = 5_000
/** Samples kept; one comes a second. */
const SAMPLES_MAX = 32

/** A bitrate from a counter that is looked at now and then; give it the counter, get kbit/s over the last seconds. */
export function byteRate(): (bytes: number, nowMs: number) => number {
  let samples: { bytes: number; atMs: number }[] = []
  return (bytes, nowMs) => {
    samples = [...samples.filter(sample => nowMs - sample.atMs <= WINDOW_MS), { bytes, atMs: nowMs }].slice(
      -SAMPLES_MAX,
    )
    const [oldest] = samples
    if (oldest === undefined || nowMs - oldest.atMs < 1) return 0
    return (Math.max(0, bytes - oldest.bytes) * 8) / (nowMs - oldest.atMs)
  }
}
