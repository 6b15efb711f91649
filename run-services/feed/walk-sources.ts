import type { CursorValues } from '#shared/service/page-cursor.ts'
import type { ItemKey } from './present-items.ts'

/** One row of a source in its order: its place, and the item it gives unless it does not match. */
export type Step = { place: CursorValues; key?: ItemKey }

/** Rows behind a place in a fixed order, at most `count`; fewer only where the source ends. */
export type StepSource = (after: CursorValues | undefined, count: number) => Promise<Step[]>

/** Where a walk goes on: which source, and behind which of its places. */
export type WalkPlace = { source: number; after: CursorValues | undefined }

export type Walked = { keys: ItemKey[]; next: WalkPlace | null }

/** Rows read at a time, and reads of one page; a page whose reads are used up comes out short and says where it goes on. */
const BATCH = 60
const READS_MAX = 10

/**
 * Walks sources one after the other and takes what matches until the page is full. Work is bounded however rare matches
 * are, and `next` is exact: behind the last item taken, or behind the last row looked at when the page is short.
 */
export async function walkSources(sources: readonly StepSource[], start: WalkPlace, limit: number): Promise<Walked> {
  const keys: ItemKey[] = []
  let { source, after } = start
  for (let reads = 0; source < sources.length; reads += 1) {
    if (reads >= READS_MAX) return { keys, next: { source, after } }
    const steps = (await sources[source]?.(after, BATCH)) ?? []
    for (const { place, key } of steps) {
      if (key !== undefined) {
        // One match more than the page takes proves that there is another page.
        if (keys.length === limit) return { keys, next: { source, after } }
        keys.push(key)
      }
      after = place
    }
    if (steps.length < BATCH) {
      source += 1
      after = undefined
    }
  }
  return { keys, next: null }
}
