import type { BenchRow } from './bench-row.ts'
import { ingestToPlayable } from './rows/row-01-ingest-to-playable.ts'
import { glassToGlass } from './rows/row-02-glass-to-glass.ts'
import { glassToGlassFar } from './rows/row-02b-glass-to-glass-far.ts'
import { join } from './rows/row-03-join.ts'
import { origin } from './rows/row-04-origin.ts'
import { clipPlayable } from './rows/row-05-clip-playable.ts'
import { clipRender } from './rows/row-06-clip-render.ts'
import { feedPage } from './rows/row-08-feed-page.ts'
import { write } from './rows/row-09-write.ts'
import { busPublishToHandled } from './rows/row-13-bus-publish-to-handled.ts'
import { busOnEmulators } from './rows/row-13e-bus-on-emulators.ts'
import { commitToChange } from './rows/row-14-commit-to-change.ts'
import { changeOnEmulators } from './rows/row-14e-change-on-emulators.ts'
import { start } from './rows/row-15-start.ts'

/** Every measured claim of the first slice, in the order of the table. */
export const BENCH_ROWS: readonly BenchRow[] = [
  ingestToPlayable,
  glassToGlass,
  glassToGlassFar,
  join,
  origin,
  clipPlayable,
  clipRender,
  feedPage,
  write,
  busPublishToHandled,
  busOnEmulators,
  commitToChange,
  changeOnEmulators,
  start,
]
