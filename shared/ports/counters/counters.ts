export type Count = {
  /** What the counter stands at, this one included. */
  count: number
  /** Until it begins anew, in ms. */
  leftMs: number
}

/**
 * Counters that live for a short while, shared by every instance where there is something to share them in.
 *
 * Lossy by design: what is counted bounds use and is never a record. Where what they are shared in is out of reach, each
 * instance counts for itself, so a bound becomes wider and nobody is turned away for it.
 */
export interface Counters {
  /** Adds one; a counter begins anew `windowS` whole seconds after the first of its window. Never throws. */
  add(key: string, windowS: number): Promise<Count>
}
