import { plainSql, type TableEngine } from '#shared/ports/database/table-engine.ts'
import type { ChangeFeed, FollowOptions } from './change-feed.ts'
import { netChanges, type RecordedChange, type TableShape } from './net-changes.ts'

/** Changes read at once; the last transaction among them is read to its end. */
const BATCH_CHANGES = 500
/** Longest sleep without a notification, in ms. */
const TICK_MS = 1_000
/** First sleep after a notification whose change is not yet to be read, because an older transaction is open, in ms. */
const RECHECK_MS_MIN = 5
/** Pause after a handler threw, in ms; doubled, with jitter. */
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5_000

export type TableChangeFeedOptions = {
  engine: TableEngine
  /** Told why a batch comes again. */
  report?: (problem: { reader: string; error: unknown }) => void
}

/**
 * The change feed of a PostgreSQL engine: triggers fill `changes`, a notification wakes the reader.
 *
 * Only transactions older than every open one are read, in the order of their ids; as transactions are serializable, that
 * is commit order for every row. Rows every reader of a stream has passed are deleted. A new reader begins at the
 * oldest change still kept.
 */
export function tableChangeFeed({ engine, report }: TableChangeFeedOptions): ChangeFeed {
  return {
    async follow(options, handle) {
      const stream = await streamOf(engine, options.tables)
      const shapes = await shapesOf(engine, options.tables)
      let position = await positionOf(engine, options.reader, stream)
      const alarm = alarmClock(options.signal)
      await using _listening = await engine.listen('changes', () => alarm.ring())
      let failures = 0
      let sleepMs = TICK_MS
      while (!options.signal.aborted) {
        try {
          const recorded = await changesAfter(engine, stream, position)
          const last = recorded.at(-1)
          if (last === undefined) {
            const rang = await alarm.sleep(sleepMs)
            sleepMs = rang ? RECHECK_MS_MIN : Math.min(TICK_MS, sleepMs * 2)
            continue
          }
          const changes = netChanges(recorded, shapes)
          if (changes.length > 0) await handle(changes)
          await moveTo(engine, options.reader, stream, last)
          position = last.xid
          failures = 0
          sleepMs = RECHECK_MS_MIN
        } catch (error) {
          if (options.signal.aborted) return
          report?.({ reader: options.reader, error })
          const limitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** failures)
          failures += 1
          await alarm.pause(limitMs * (0.5 + Math.random() / 2))
        }
      }
    },
  }
}

async function streamOf(engine: TableEngine, tables: FollowOptions['tables']): Promise<string> {
  const [found] = await engine.read(
    plainSql<{ name: string }>('change-feed.stream', 'SELECT name FROM change_streams WHERE tables @> $1', [tables]),
  )
  if (found === undefined) throw new Error(`No change stream carries ${tables.join(' and ')} together.`)
  return found.name
}

const COLUMNS = `
  SELECT a.attname::text AS name, format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), NULL) AS type,
         coalesce(a.attnum = ANY(i.indkey), false) AS key
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`

async function shapesOf(engine: TableEngine, tables: FollowOptions['tables']): Promise<Map<string, TableShape>> {
  const shapes = new Map<string, TableShape>()
  for (const table of tables) {
    const columns = await engine.read(
      plainSql<{ name: string; type: string; key: boolean }>('change-feed.columns', COLUMNS, [table]),
    )
    const named = (wanted: (column: (typeof columns)[number]) => boolean) =>
      columns.filter(column => wanted(column)).map(({ name }) => name)
    shapes.set(table, {
      key: named(({ key }) => key),
      instants: named(({ type }) => type === 'timestamp with time zone'),
      bytes: named(({ type }) => type === 'bytea'),
    })
  }
  return shapes
}

async function positionOf(engine: TableEngine, reader: string, stream: string): Promise<number> {
  const { rows } = await engine.execute(
    plainSql<{ position: number }>(
      'change-feed.begin',
      `INSERT INTO feed_checkpoints (reader, partition_token, watermark, state) VALUES ($1, $2, now(), 'running')
       ON CONFLICT (reader, partition_token) DO UPDATE SET state = 'running' RETURNING position`,
      [reader, stream],
    ),
  )
  return rows[0]?.position ?? 0
}

const AFTER = `
  WITH page AS (
    SELECT xid FROM changes
    WHERE stream = $1 AND xid > $2 AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY xid, change_id LIMIT $3
  )
  SELECT xid, table_name, kind, row_image, committed_at FROM changes
  WHERE stream = $1 AND xid > $2 AND xid <= (SELECT max(xid) FROM page)
  ORDER BY xid, change_id`

async function changesAfter(engine: TableEngine, stream: string, position: number): Promise<RecordedChange[]> {
  return await engine.read(plainSql<RecordedChange>('change-feed.after', AFTER, [stream, position, BATCH_CHANGES]))
}

const MOVE = `
  WITH moved AS (
    UPDATE feed_checkpoints SET position = $3, watermark = $4 WHERE reader = $1 AND partition_token = $2
  )
  DELETE FROM changes WHERE stream = $2 AND xid <= least(
    $3, (SELECT min(position) FROM feed_checkpoints WHERE partition_token = $2 AND reader <> $1)
  )`

/** Moves the checkpoint and deletes what every reader of the stream has passed. */
async function moveTo(engine: TableEngine, reader: string, stream: string, last: RecordedChange): Promise<void> {
  await engine.execute(plainSql('change-feed.move', MOVE, [reader, stream, last.xid, last.committed_at]))
}

type Alarm = {
  ring(): void
  /** Ends early when it rings, also when it rang since the last sleep; tells whether it did. */
  sleep(ms: number): Promise<boolean>
  pause(ms: number): Promise<void>
}

function alarmClock(signal: AbortSignal): Alarm {
  let rang = false
  let wake: (() => void) | undefined
  const rest = async (ms: number, early: boolean): Promise<void> => {
    if (signal.aborted || (early && rang)) return
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        wake = undefined
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      if (early) wake = done
    })
  }
  return {
    ring() {
      rang = true
      wake?.()
    },
    async sleep(ms) {
      await rest(ms, true)
      const result = rang
      rang = false
      return result
    },
    async pause(ms) {
      await rest(ms, false)
    },
  }
}
