/** Delay before restart number `attempt` (from 0), in ms: doubles from `minMs` to `maxMs`, halved at most by `jitter` (0..1). */
export function backoffMs(attempt: number, bounds: { minMs: number; maxMs: number }, jitter: number): number {
  const full = Math.min(bounds.maxMs, bounds.minMs * 2 ** Math.min(attempt, 30))
  return Math.round(full * (1 - jitter / 2))
}
