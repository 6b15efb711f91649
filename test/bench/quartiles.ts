/** The middle of a set of figures and how far it spreads. */
export type Quartiles = { q1: number; median: number; q3: number }

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const low = sorted[Math.floor(place)] ?? Number.NaN
  const high = sorted[Math.ceil(place)] ?? Number.NaN
  return low + (high - low) * (place - Math.floor(place))
}

/** Quartiles with linear interpolation; NaN for no figures at all. */
export function quartiles(figures: readonly number[]): Quartiles {
  const sorted = [...figures].sort((a, b) => a - b)
  return { q1: quantile(sorted, 0.25), median: quantile(sorted, 0.5), q3: quantile(sorted, 0.75) }
}

/** The middle figure. */
export function median(figures: readonly number[]): number {
  return quartiles(figures).median
}

/** Spread above which a figure is called noisy, as (q3 − q1) / median. */
const NOISY_ABOVE = 0.25

export function isNoisy({ q1, median: middle, q3 }: Quartiles): boolean {
  return (q3 - q1) / Math.abs(middle) > NOISY_ABOVE
}
