import { z } from 'zod'
import type { Page, PageCursors } from '#shared/service/page-cursor.ts'
import type { FeedItem } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { presentItems } from './present-items.ts'
import { type StepSource, walkSources, type WalkPlace } from './walk-sources.ts'

const sourceNumber = z.int().nonnegative()

type WalkPage = { cursors: PageCursors; scope: string; limit: number; start: WalkPlace }

/** A page of what a walk over sources finds, with the place it got to as its cursor. */
export async function pageOfWalk(
  { database, settings }: Pick<FeedDeps, 'database' | 'settings'>,
  sources: readonly StepSource[],
  { cursors, scope, limit, start }: WalkPage,
): Promise<Page<FeedItem>> {
  const { keys, next } = await walkSources(sources, start, limit)
  return {
    data: await presentItems(database, settings, keys),
    next_cursor: next === null ? null : cursors.seal([next.source, ...(next.after ?? [])], scope),
    has_more: next !== null,
  }
}

/** Where a walk begins: at the beginning, or at the place in the cursor of the same list. */
export function startOfWalk(cursors: PageCursors, scope: string, cursor: string | undefined): WalkPlace {
  if (cursor === undefined) return { source: 0, after: undefined }
  const [source, ...after] = cursors.open(cursor, scope)
  return { source: sourceNumber.parse(source), after: after.length === 0 ? undefined : after }
}
