/** Ticks a second of every time in a transport stream. */
export const TRANSPORT_HZ = 90_000
/** Times are 33 bits and begin anew every 26.5 hours (ISO/IEC 13818-1 2.4.3.7). */
export const WRAP_TICKS = 2 ** 33

/** How many turns of the clock lie between a time and the one it is near to; add as many times `WRAP_TICKS`. */
export function turnsTo(ticks: number, nearTicks: number): number {
  return Math.round((nearTicks - ticks) / WRAP_TICKS)
}
