/**
 * One committed row: the net change of one transaction to one row. A row that was deleted and came back within one is
 * told as an update or, by some engines, as an insert.
 */
export type Change = {
  table: string
  kind: 'insert' | 'update' | 'delete'
  /** The row after the change, columns as `Reader` gives them; the key columns alone after a delete. */
  row: Readonly<Record<string, unknown>>
  committedAt: string
}

export type FollowOptions = {
  /** Names the checkpoint: a reader resumes where its last handled batch ended. */
  reader: string
  /** Tables wanted; they must belong to one change stream of the schema. */
  tables: readonly string[]
  signal: AbortSignal
}

/**
 * What was committed, in commit order per key, at least once.
 *
 * `follow` calls `handle` with batches, one at a time, and moves the checkpoint only after it resolves; when it throws,
 * the same changes come again after a backoff. Resolves when the signal aborts. Two followers with one reader name share
 * no guarantee: run one.
 */
export interface ChangeFeed {
  follow(options: FollowOptions, handle: (changes: readonly Change[]) => Promise<void>): Promise<void>
}
