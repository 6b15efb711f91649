/** Share of the machine that live encoders may take; the rest is for packaging, serving and everything else. */
const LIVE_SHARE = 0.8
/** Cores the smallest stream takes: one low rung and its decoding. */
const SMALLEST_STREAM_CORES = 0.16

/** The machine's cores as live encoders share them. */
export type CoreBudget = {
  readonly cores: number
  /** Encoders that fit if all were the smallest; the encoder host takes no more. */
  readonly encodersMax: number
  inUse(): number
  /** Whether another stream fits at all; the first one always does. */
  hasRoom(): boolean
  /** Books cores for a holder, in place of what it held before. */
  book(holder: string, cores: number): void
  release(holder: string): void
}

/** A budget of 0.8 × the machine's cores. */
export function coreBudget(cores: number): CoreBudget {
  const booked = new Map<string, number>()
  const inUse = () => [...booked.values()].reduce((sum, held) => sum + held, 0)
  return {
    cores,
    encodersMax: Math.max(1, Math.ceil((cores * LIVE_SHARE) / SMALLEST_STREAM_CORES)),
    inUse,
    hasRoom: () => booked.size === 0 || inUse() + SMALLEST_STREAM_CORES <= cores * LIVE_SHARE,
    book: (holder, held) => void booked.set(holder, held),
    release: holder => void booked.delete(holder),
  }
}
