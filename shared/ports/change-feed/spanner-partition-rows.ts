import type { Database, Transaction } from '#shared/ports/database/database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import type { ChildPartition } from './spanner-change-record.ts'

/** How far a reader is in one partition of a change stream. */
export type Partition = {
  token: string
  /** Everything before this instant was handled; RFC 3339 with Spanner's own precision, ending in Z. */
  watermark: string
  /** `waiting` for its parents' end; `finished` until its children run. */
  state: 'waiting' | 'running' | 'finished'
  parents: readonly string[]
}

/** The partitions that one reader knows, as rows of `feed_checkpoints`. */
export interface PartitionRows {
  all(): Promise<Partition[]>
  /** Remembers partitions; those that are known stay as they are. */
  add(children: readonly ChildPartition[]): Promise<void>
  /** Marks partitions that are followed from now on, and forgets finished ones that nobody waits for any more. */
  start(due: readonly string[], over: readonly string[]): Promise<void>
  move(token: string, watermark: string): Promise<void>
  /** Ends a partition and remembers its children, both or neither. */
  finish(token: string, children: readonly ChildPartition[]): Promise<void>
}

const ALL = `
  SELECT partition_token, cast(watermark AS varchar) AS watermark, state, parents
  FROM feed_checkpoints WHERE reader = $1`
const ADD = `
  INSERT INTO feed_checkpoints (reader, partition_token, watermark, state, parents)
  VALUES ($1, $2, $3, 'waiting', $4) ON CONFLICT (reader, partition_token) DO NOTHING`
const FINISH = `UPDATE feed_checkpoints SET state = 'finished' WHERE reader = $1 AND partition_token = $2`
const START = `UPDATE feed_checkpoints SET state = 'running' WHERE reader = $1 AND partition_token = any($2)`
const MOVE = 'UPDATE feed_checkpoints SET watermark = $3 WHERE reader = $1 AND partition_token = $2'
const FORGET = `
  DELETE FROM feed_checkpoints WHERE reader = $1 AND partition_token = any($2) AND state = 'finished'`

export function partitionRows(database: Database, reader: string): PartitionRows {
  const addAll = async (tx: Transaction, children: readonly ChildPartition[]): Promise<void> => {
    for (const { token, from, parents } of children)
      await tx.write(plainSql('change-feed.add', ADD, [reader, token, from, parents]))
  }
  return {
    async all() {
      type Row = { partition_token: string; watermark: string; state: Partition['state']; parents: string[] | null }
      const rows = await database.read(plainSql<Row>('change-feed.partitions', ALL, [reader]))
      return rows.map(({ partition_token: token, watermark, state, parents }) => {
        return { token, watermark: exactInstant(watermark), state, parents: parents ?? [] }
      })
    },
    async add(children) {
      await database.transaction(async tx => await addAll(tx, children))
    },
    async start(due, over) {
      await database.transaction(async tx => {
        if (due.length > 0) await tx.write(plainSql('change-feed.start', START, [reader, due]))
        if (over.length > 0) await tx.write(plainSql('change-feed.forget', FORGET, [reader, over]))
      })
    },
    async move(token, watermark) {
      await database.transaction(async tx => {
        await tx.write(plainSql('change-feed.move', MOVE, [reader, token, watermark]))
      })
    },
    async finish(token, children) {
      await database.transaction(async tx => {
        await addAll(tx, children)
        await tx.write(plainSql('change-feed.finish', FINISH, [reader, token]))
      })
    },
  }
}

const PRINTED =
  /^(?<day>\S+) (?<time>\d+:\d+:\d+)(?<fraction>\.\d+)?(?<sign>[+-])(?<hours>\d\d)(?::?(?<minutes>\d\d))?$/

/** An instant as the engine prints it, in whatever zone, as RFC 3339 in UTC with all its digits; a `Date` would cut them. */
function exactInstant(printed: string): string {
  const { day, time, fraction = '', sign, hours, minutes = '00' } = PRINTED.exec(printed)?.groups ?? {}
  if (day === undefined) throw new Error(`The engine printed the instant ${printed}.`)
  const whole = new Date(`${day}T${time}${sign}${hours}:${minutes}`).toISOString()
  return `${whole.slice(0, whole.indexOf('.'))}${fraction}Z`
}
