/** A Date header has whole seconds; only a larger difference is the viewer's clock and not rounding. */
const SKEW_MS_MIN = 2_000
const HALF_SECOND_MS = 500

let skewMs = 0

/** Learns how far the viewer's clock is from the server's, from an answer's Date header. */
export function noteServerTime(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return
  const difference = at + HALF_SECOND_MS - Date.now()
  skewMs = Math.abs(difference) < SKEW_MS_MIN ? 0 : difference
}

/** Now by the server's clock, in epoch ms: what program date-times are compared with. */
export function serverNow(): number {
  return Date.now() + skewMs
}
