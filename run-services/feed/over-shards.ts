import type { SelectQueryBuilder } from 'kysely'

/** Ranges that published clips, their terms and shows on the air are spread over. */
const SHARDS = 16

/**
 * One statement over every range. Each range is ordered and limited by itself, so what is read never grows with the
 * table; the whole still has to be ordered and limited.
 */
export function overShards<DB, TB extends keyof DB, Row>(
  range: (shard: number) => SelectQueryBuilder<DB, TB, Row>,
): SelectQueryBuilder<DB, TB, Row> {
  let all = range(0)
  for (let shard = 1; shard < SHARDS; shard += 1) all = all.unionAll(range(shard))
  return all
}
