import type { EventOf } from '#shared/domain/domain-event.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { firstTime } from '#shared/service/inbox.ts'
import type { FeedDeps } from './feed-deps.ts'
import { presentClips } from './feed-queries.ts'
import { deleteTerms, insertTerms } from './search-queries.ts'
import { termsOf } from './search-words.ts'

const CONSUMER = 'feed--clips'
/** Rows of one statement; engines bound the parameters of a statement. */
const ROWS_MAX = 120
/** A match's weight stands above every rank of the feed: 44 bits of epoch milliseconds last until the year 2527. */
const WEIGHT_UNIT = 2 ** 44

type ClipChanged = EventOf<'clip.published' | 'clip.unpublished' | 'clip.updated' | 'clip.deleted'>

/**
 * Replaces what a clip is found by with what its row says now, so late and doubled events end in the same place; once
 * per event.
 */
export async function onClipChanged(deps: Pick<FeedDeps, 'database'>, event: ClipChanged): Promise<void> {
  await deps.database.transaction(async tx => {
    if (await firstTime(tx, event.id, CONSUMER)) await replaceTerms(tx, event.data.clip_id)
  })
}

async function replaceTerms(tx: Transaction, clipId: string): Promise<void> {
  await tx.write(deleteTerms(clipId))
  const [clip] = await tx.read(presentClips([clipId]))
  if (clip === undefined) return
  const { title, tags, handle, display_name, show_title, shard, feed_rank } = clip
  const terms = termsOf({ title, tags, creator: [handle, display_name], show: show_title })
  const rows = Array.from(terms, ([term, weight]) => ({
    term,
    shard,
    clip_id: clipId,
    rank: weight * WEIGHT_UNIT + (feed_rank ?? 0),
  }))
  for (let from = 0; from < rows.length; from += ROWS_MAX) {
    await tx.write(insertTerms(rows.slice(from, from + ROWS_MAX)))
  }
}
