import type { BenchRow } from './bench-row.ts'

/** Every measured claim of the first slice, in the order of the table. */
export const BENCH_ROWS: readonly BenchRow[] = []
