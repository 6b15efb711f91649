/** Chance that can be replayed: the run prints its seed, and SEED=n gives the same sequence again. */
export type SeededRandom = {
  readonly seed: number
  /** 0 ≤ x < 1 */
  next(): number
  /** Whole number, both ends included. */
  between(low: number, high: number): number
  pick<Item>(items: readonly Item[]): Item
  shuffle<Item>(items: readonly Item[]): Item[]
}

const SEED_MAX = 2 ** 31

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A fresh sequence for a named run; prints `name: SEED=n` once. */
export function seededRandom(name: string): SeededRandom {
  const given = Number(process.env['SEED'])
  const seed = Number.isInteger(given) && given > 0 ? given : Math.floor(Math.random() * SEED_MAX) + 1
  process.stdout.write(`${name}: SEED=${seed}\n`)
  const next = mulberry32(seed)
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    seed,
    next,
    between,
    pick: items => {
      const item = items[between(0, items.length - 1)]
      if (item === undefined) throw new Error('There is nothing to pick from.')
      return item
    },
    shuffle: items => {
      const copy = [...items]
      for (let last = copy.length - 1; last > 0; last -= 1) {
        const other = between(0, last)
        const [a, b] = [copy[last], copy[other]]
        if (a !== undefined && b !== undefined) [copy[last], copy[other]] = [b, a]
      }
      return copy
    },
  }
}
