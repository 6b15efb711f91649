/** Shows that the feed begins with, while there are so many. */
const FIRST_SHOWS = 2
/** Clips between two shows after that. */
const CLIPS_BETWEEN_SHOWS = 4
/** Items of one creator that may follow each other on a page that has others. */
const RUN_MAX = 2

/** How far the pattern of shows and clips has come; part of the cursor. */
export type MixPhase = { showsFirst: number; clipsSince: number }

export const MIX_START: MixPhase = { showsFirst: FIRST_SHOWS, clipsSince: 0 }

export type Mixed<Clip, Show> = {
  items: ({ clip: Clip } | { show: Show })[]
  /** How many of each were taken, from the front. */
  clips: number
  shows: number
  phase: MixPhase
}

/**
 * Takes a page from two ordered lists: shows first, then one every few clips, and the rest of one where the other ends.
 * What is taken is always the front of both lists, so two places in them are the whole cursor.
 */
export function mixFeed<Clip, Show>(
  clips: readonly Clip[],
  shows: readonly Show[],
  start: MixPhase,
  limit: number,
): Mixed<Clip, Show> {
  const items: Mixed<Clip, Show>['items'] = []
  let [clipsTaken, showsTaken] = [0, 0]
  let { showsFirst, clipsSince } = start
  while (items.length < limit) {
    const clip = clips[clipsTaken]
    const show = shows[showsTaken]
    const showsTurn = showsFirst > 0 || clipsSince >= CLIPS_BETWEEN_SHOWS
    if (show !== undefined && (showsTurn || clip === undefined)) {
      items.push({ show })
      showsTaken += 1
      showsFirst = Math.max(0, showsFirst - 1)
      clipsSince = 0
    } else if (clip !== undefined) {
      items.push({ clip })
      clipsTaken += 1
      clipsSince = Math.min(CLIPS_BETWEEN_SHOWS, clipsSince + 1)
    } else {
      break
    }
  }
  return { items, clips: clipsTaken, shows: showsTaken, phase: { showsFirst, clipsSince } }
}

/**
 * The same items with at most two of one creator in a row while others are left: later ones of the page move up. Only
 * the order within the page changes, so the place where the next page begins stays exact.
 */
export function spreadCreators<Item>(items: readonly Item[], creatorOf: (item: Item) => string): Item[] {
  const left = [...items]
  const spread: Item[] = []
  while (left.length > 0) {
    const run = spread.slice(-RUN_MAX).map(creatorOf)
    const worn = run.length === RUN_MAX && run.every(creator => creator === run[0]) ? run[0] : undefined
    const next = worn === undefined ? 0 : left.findIndex(item => creatorOf(item) !== worn)
    spread.push(...left.splice(Math.max(0, next), 1))
  }
  return spread
}
