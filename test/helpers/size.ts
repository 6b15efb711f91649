/** How hard a fault run tries: `test` in `npm test`, `prove` and `full` in `npm run prove`. */
export type Size = 'test' | 'prove' | 'full'

const SIZES: readonly Size[] = ['test', 'prove', 'full']

/** The size of this run, from SIZE. */
export function currentSize(): Size {
  return SIZES.find(size => size === process.env['SIZE']) ?? 'test'
}

/** The count for this run's size. */
export function sized(counts: Record<Size, number>): number {
  return counts[currentSize()]
}
