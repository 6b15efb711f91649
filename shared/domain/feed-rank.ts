/** The most a clip's score is worth in the feed, in ms of newness. */
const FEED_BONUS_MS_MAX = 6 * 3_600_000
/** The score that is worth the most. */
const SCORE_FULL = 100

/** What a score (0 to 100; none for a person's clip) is worth in the feed, in ms of newness. */
function feedBonusMs(score: number | null): number {
  return Math.round((Math.min(Math.max(score ?? 0, 0), SCORE_FULL) / SCORE_FULL) * FEED_BONUS_MS_MAX)
}

/** Place in the feed, fixed at publication: the newer the higher, a score counts as newness. */
export function feedRank(publishedAtMs: number, score: number | null): number {
  return publishedAtMs + feedBonusMs(score)
}
