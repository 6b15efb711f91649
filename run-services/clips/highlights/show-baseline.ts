/** What is usual in a show lately: the middle value, and how far values lie from it. */
export type Baseline = { median: number; spread: number }

/** How far back "usual" looks, in ms. */
export const BASELINE_MS = 600_000
/** How often it is looked at anew, in ms; counted from the start of the show, so that it does not depend on the tape's. */
const BASELINE_STEP_MS = 10_000
/** One value of so many ms is enough to tell what is usual. */
const BASELINE_EVERY_MS = 2_000
/** Values needed before anything can be called unusual. */
const BASELINE_VALUES_MIN = 8
/** Makes the median absolute deviation of normal noise its standard deviation. */
const MAD_TO_SIGMA = 1.4826

/** One value at one instant, oldest first. */
export type TimedValue = { at_ms: number; value: number }

/**
 * For every value the baseline of those before it (median and MAD of the last ten minutes), undefined while they are too
 * few. Robust: a handful of screams does not make screaming usual. Looks back only, so a longer show changes nothing.
 */
export function showBaseline(values: readonly TimedValue[], spreadMin: number): (Baseline | undefined)[] {
  let step = Number.NaN
  let current: Baseline | undefined
  let first = 0
  let end = 0
  const sparse = values.filter(
    ({ at_ms }, index) => slotOf(at_ms) !== slotOf(values[index - 1]?.at_ms ?? Number.NEGATIVE_INFINITY),
  )
  return values.map(({ at_ms }) => {
    const at = Math.floor(at_ms / BASELINE_STEP_MS)
    if (at !== step) {
      step = at
      const borderMs = at * BASELINE_STEP_MS
      while (end < sparse.length && (sparse[end]?.at_ms ?? Infinity) < borderMs) end += 1
      while (first < end && (sparse[first]?.at_ms ?? Infinity) < borderMs - BASELINE_MS) first += 1
      current = baselineOf(
        sparse.slice(first, end).map(({ value }) => value),
        spreadMin,
      )
    }
    return current
  })
}

function slotOf(atMs: number): number {
  return Math.floor(atMs / BASELINE_EVERY_MS)
}

function baselineOf(values: readonly number[], spreadMin: number): Baseline | undefined {
  if (values.length < BASELINE_VALUES_MIN) return undefined
  const median = medianOf(values)
  const deviation = medianOf(values.map(value => Math.abs(value - median)))
  return { median, spread: Math.max(spreadMin, deviation * MAD_TO_SIGMA) }
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
