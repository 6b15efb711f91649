import type { SpannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { pause } from '#shared/service/pause.ts'
import type { Change, ChangeFeed, FollowOptions } from './change-feed.ts'
import type { ChildPartition } from './spanner-change-record.ts'
import { followPartition } from './spanner-partition-follower.ts'
import { readRecords } from './spanner-partition-reader.ts'
import { type Partition, type PartitionRows, partitionRows } from './spanner-partition-rows.ts'

export type SpannerChangeFeedOptions = {
  database: SpannerDatabase
  /** Told why a batch comes again. */
  report?: (problem: { reader: string; error: unknown }) => void
}

/** Pause after a step failed, in ms; doubled, with jitter. */
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5_000
/** How much younger a start is than the oldest that is kept, so that it has not run out when it is used, in ms. */
const MARGIN_MS = 60_000
const DAY_MS = 86_400_000
/** gRPC's word for a start that the stream cannot answer for. */
const OUT_OF_RANGE = 11

/**
 * The change feed of Spanner's change streams.
 *
 * Every partition is followed on its own, from its checkpoint in `feed_checkpoints`; a partition begins only when all it
 * came from have ended, so a key's changes keep their order however it moves. The rows of one transaction that lie in
 * one partition come in one batch. A checkpoint is the instant of the last transaction handled, which comes again after a
 * restart because others may have the same one. A new reader begins at the oldest change the stream still keeps.
 */
export function spannerChangeFeed({ database, report }: SpannerChangeFeedOptions): ChangeFeed {
  return {
    async follow(options, handle) {
      const stream = await streamOf(database, options.tables)
      const follower = new Follower({ ...options, database, stream, report, handle })
      await follower.run()
    },
  }
}

type FollowerOptions = FollowOptions & {
  database: SpannerDatabase
  stream: { name: string; retentionMs: number }
  report: SpannerChangeFeedOptions['report']
  handle: (changes: readonly Change[]) => Promise<void>
}

/** Follows the partitions of one reader as they end and begin. */
class Follower {
  readonly #options: FollowerOptions
  readonly #rows: PartitionRows
  readonly #running = new Map<string, Promise<void>>()
  #turn: Promise<void> = Promise.resolve()
  /** Settled when a partition has ended since it was made. */
  #ended = Promise.withResolvers<void>()

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#rows = partitionRows(options.database, options.reader)
  }

  async run(): Promise<void> {
    const { signal } = this.#options
    await this.#stubbornly(async () => await this.#begin())
    while (!signal.aborted) {
      // Before the rows are read: a partition that ends meanwhile is noticed too.
      this.#ended = Promise.withResolvers()
      await this.#stubbornly(async () => await this.#startDue())
      // Each ends when its partition has, or with the signal.
      if (this.#running.size > 0) await this.#ended.promise
      else await pause(BACKOFF_MS_MIN, signal)
    }
    await Promise.all(this.#running.values())
  }

  /** Remembers the partitions there are, for a reader that has none. */
  async #begin(): Promise<void> {
    if ((await this.#rows.all()).length > 0) return
    for (const from of await possibleStarts(this.#options)) {
      const children = await this.#partitionsAt(from)
      if (children === undefined) continue
      await this.#rows.add(children)
      return
    }
    throw new Error(`The change stream ${this.#options.stream.name} answers for no instant that was tried.`)
  }

  /** Undefined when the stream cannot answer for that instant. */
  async #partitionsAt(from: string): Promise<ChildPartition[] | undefined> {
    const { database, stream, signal } = this.#options
    const found: ChildPartition[] = []
    try {
      await using intake = await readRecords({ database, stream: stream.name, token: null, from, signal })
      for (;;) {
        const { records, done } = await intake.take()
        for (const record of records) if (record.kind === 'children') found.push(...record.children)
        if (done) return found
      }
    } catch (error) {
      if ((error as { code?: unknown }).code === OUT_OF_RANGE) return undefined
      throw error
    }
  }

  /**
   * Starts every partition whose parents have all ended, and forgets those. A parent nobody has told of yet has not
   * ended: another branch of the tree may be far behind.
   */
  async #startDue(): Promise<void> {
    // Before the rows are read: one that ends meanwhile still reads as running, and must not run twice.
    const followed = new Set(this.#running.keys())
    const partitions = await this.#rows.all()
    const inState = (wanted: Partition['state']) => partitions.filter(({ state }) => state === wanted)
    const finished = new Set(inState('finished').map(({ token }) => token))
    const due = inState('waiting').filter(({ parents }) => parents.every(parent => finished.has(parent)))
    const awaited = new Set(
      inState('waiting')
        .filter(partition => !due.includes(partition))
        .flatMap(({ parents }) => parents),
    )
    const over = [...finished].filter(token => !awaited.has(token))
    if (due.length + over.length > 0) {
      await this.#rows.start(
        due.map(({ token }) => token),
        over,
      )
    }
    for (const partition of [...inState('running'), ...due]) {
      if (!followed.has(partition.token)) this.#start(partition)
    }
  }

  #start(partition: Partition): void {
    const { database, stream, reader, signal, tables, handle, report } = this.#options
    const run = followPartition({
      database,
      stream: stream.name,
      partition,
      rows: this.#rows,
      tables,
      signal,
      report: error => report?.({ reader, error }),
      handle: async changes => await this.#inTurn(async () => await handle(changes)),
    }).finally(() => {
      this.#running.delete(partition.token)
      this.#ended.resolve()
    })
    this.#running.set(partition.token, run)
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  /** Tries until it works or the signal aborts. */
  async #stubbornly(work: () => Promise<void>): Promise<void> {
    const { signal, reader, report } = this.#options
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await work()
        return
      } catch (error) {
        report?.({ reader, error })
        await pause(backoffMs(failures), signal)
      }
    }
  }
}

function backoffMs(failures: number): number {
  return Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** failures) * (0.5 + Math.random() / 2)
}

const STREAMS = `
  SELECT t.change_stream_name AS name, t.table_name AS table, o.option_value AS retention
  FROM information_schema.change_stream_tables t
  JOIN information_schema.change_stream_options o ON o.change_stream_name = t.change_stream_name
  WHERE o.option_name = 'retention_period'`

async function streamOf(
  database: SpannerDatabase,
  tables: FollowOptions['tables'],
): Promise<{ name: string; retentionMs: number }> {
  type Row = { name: string; table: string; retention: string }
  const rows = await database.read(plainSql<Row>('change-feed.stream', STREAMS))
  const found = rows.find(({ name }) =>
    tables.every(table => rows.some(row => row.name === name && row.table === table)),
  )
  if (found === undefined) throw new Error(`No change stream carries ${tables.join(' and ')} together.`)
  const days = /^(?<days>\d+)d$/.exec(found.retention)?.groups?.['days']
  if (days === undefined) throw new Error(`The retention ${found.retention} of ${found.name} is not in days.`)
  return { name: found.name, retentionMs: Number(days) * DAY_MS }
}

const APPLIED = 'SELECT applied_at FROM schema_migrations ORDER BY applied_at'

/**
 * Instants a new reader may begin at, the oldest first: as far back as the stream keeps changes, and for one that is
 * younger the ends of the migrations, one of which made it before anything could be written.
 */
async function possibleStarts({ database, stream }: FollowerOptions): Promise<string[]> {
  const rows = await database.read(plainSql<{ applied_at: string }>('change-feed.applied', APPLIED))
  const keptMs = Date.now() - stream.retentionMs + MARGIN_MS
  // Read with its milliseconds alone, an instant may lie before itself.
  const applied = rows.map(row => Date.parse(row.applied_at) + 1).filter(atMs => atMs > keptMs)
  return [keptMs, ...applied].map(atMs => new Date(atMs).toISOString())
}
