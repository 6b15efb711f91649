/** First retry delay and its ceiling, in ms. */
const RETRY_FIRST_MS = 200
const RETRY_MAX_MS = 10_000

/** Doubling delay with full jitter over its upper half: 100–200 ms at first, 5–10 s at most. */
export function retryDelayMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt - 1, 10))
  return ceiling / 2 + (random() * ceiling) / 2
}
