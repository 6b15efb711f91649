/** What one round of a contender gave, by metric key. */
export type Sample = Readonly<Record<string, number>>

/** One side of a comparison. */
export type Contender = {
  name: string
  /** One round; throws when what it measured was not correct. */
  sample(): Promise<Sample>
}

/** What a figure must be: a share of the peer's, a figure of its own, or both. */
export type Goal = { ratioMax?: number; ratioMin?: number; atMost?: number; atLeast?: number }

export type Metric = {
  key: string
  title: string
  unit: 'ms' | 'µs' | 's' | '/s'
  goal: Goal
  /** False for a figure the peer has no counterpart of. */
  compared?: boolean
}

/** A row made ready: peers run, correctness has been checked, nothing is left to encode or install. */
export type ReadyRow = AsyncDisposable & {
  ours: Contender
  peer?: Contender
  /** Said beside the figures: shapes, sizes, what stands for what. */
  notes?: readonly string[]
}

export type BenchOptions = { quick: boolean; say: (text: string) => void }

/** One row of the table of measured claims. */
export type BenchRow = {
  id: string
  name: string
  title: string
  metrics: readonly Metric[]
  rounds: number
  quickRounds: number
  ready(options: BenchOptions): Promise<ReadyRow>
}

/** A peer that cannot run on this machine; the row is skipped by name. */
export class MissingPeer extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MissingPeer'
  }
}
