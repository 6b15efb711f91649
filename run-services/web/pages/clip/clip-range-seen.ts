/** Longest clip, in ms; the server has the same bound. */
export const CLIP_MS_MAX = 120_000

/**
 * A range on the show's clock (epoch ms) as the API counts it: whole ms from the show's start, never before it and, where
 * a creator's absence makes the clock run ahead of the picture, never longer than a clip may be.
 */
export function clipRangeSeen(
  startedMs: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): { start_ms: number; end_ms: number } {
  const end = Math.max(1, Math.round(toMs - startedMs))
  const length = Math.min(CLIP_MS_MAX, Math.max(1, Math.round(toMs - fromMs)))
  return { start_ms: Math.max(0, end - length), end_ms: end }
}
