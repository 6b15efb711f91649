import type { SpannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { pause } from '#shared/service/pause.ts'
import type { Change } from './change-feed.ts'
import { netChanges, type RecordedChange, type TableShape } from './net-changes.ts'
import type { ChangeRecord, ChildPartition } from './spanner-change-record.ts'
import { readRecords } from './spanner-partition-reader.ts'
import type { Partition, PartitionRows } from './spanner-partition-rows.ts'

export type PartitionOptions = {
  database: SpannerDatabase
  stream: string
  partition: Partition
  rows: PartitionRows
  tables: readonly string[]
  signal: AbortSignal
  report: (error: unknown) => void
  handle: (changes: readonly Change[]) => Promise<void>
}

/** How often the checkpoint of a busy partition is written, in ms; what was handled since comes again after a crash. */
const BUSY_CHECKPOINT_MS = 500
/** How often the checkpoint of a quiet one is, in ms; far below what a stream keeps. */
const QUIET_CHECKPOINT_MS = 60_000
/** Pause after a failure, in ms; doubled, with jitter. */
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5_000

type DataRecord = Extract<ChangeRecord, { kind: 'data' }>

/** Handles everything of one partition to its end, from its checkpoint; resolves then, or when the signal aborts. */
export async function followPartition(options: PartitionOptions): Promise<void> {
  const follower = new PartitionFollower(options)
  await follower.run()
}

class PartitionFollower {
  readonly #options: PartitionOptions
  /** Everything before it is handled. */
  #position: string
  #written: { position: string; atMs: number }
  /** Whether changes were handled since the checkpoint was written. */
  #dirty = false
  #failures = 0

  constructor(options: PartitionOptions) {
    this.#options = options
    this.#position = options.partition.watermark
    this.#written = { position: this.#position, atMs: Date.now() }
  }

  async run(): Promise<void> {
    const { signal, report } = this.#options
    while (!signal.aborted) {
      try {
        if (await this.#query()) return
      } catch (error) {
        if (signal.aborted) break
        report(error)
        await this.#backOff()
      }
    }
    if (this.#dirty) await this.#checkpoint()
  }

  /** Follows the partition for one query; tells whether it has ended. */
  async #query(): Promise<boolean> {
    const { database, stream, partition, signal } = this.#options
    const read = { database, stream, token: partition.token, from: this.#position, signal }
    await using intake = await readRecords(read)
    /** Transactions of which more is to come. */
    const open = new Map<string, DataRecord[]>()
    const children: ChildPartition[] = []
    for (;;) {
      const { records, done } = await intake.take()
      await this.#handleAll(wholeTransactions(records, open))
      if (signal.aborted) return false
      const last = records.at(-1)
      if (last?.kind === 'heartbeat' && open.size === 0) this.#position = last.at
      for (const record of records) if (record.kind === 'children') children.push(...record.children)
      if (done && children.length > 0) {
        await this.#finish(children)
        return true
      }
      if (done) this.#position = intake.until
      await this.#checkpointWhenDue(last?.kind === 'heartbeat')
      if (done) return false
    }
  }

  /** Offers changes until they are taken or the signal aborts. */
  async #handleAll(records: readonly DataRecord[]): Promise<void> {
    const last = records.at(-1)
    if (last === undefined || this.#options.signal.aborted) return
    const { tables, handle, signal, report } = this.#options
    const changes = changesOf(records.filter(({ table }) => tables.includes(table)))
    for (let taken = changes.length === 0; !taken;) {
      try {
        await handle(changes)
        taken = true
      } catch (error) {
        if (signal.aborted) return
        report(error)
        await this.#backOff()
        if (signal.aborted) return
      }
    }
    this.#failures = 0
    this.#position = last.at
    this.#dirty = true
  }

  async #finish(children: readonly ChildPartition[]): Promise<void> {
    await this.#options.rows.finish(this.#options.partition.token, children)
    this.#dirty = false
  }

  async #checkpointWhenDue(quiet: boolean): Promise<void> {
    const sinceMs = Date.now() - this.#written.atMs
    if (this.#position === this.#written.position) return
    if (sinceMs > (this.#dirty ? BUSY_CHECKPOINT_MS : QUIET_CHECKPOINT_MS) || (this.#dirty && quiet))
      await this.#checkpoint()
  }

  /** One that could not be written is written with the next. */
  async #checkpoint(): Promise<void> {
    const position = this.#position
    try {
      await this.#options.rows.move(this.#options.partition.token, position)
      this.#written = { position, atMs: Date.now() }
      this.#dirty = false
    } catch (error) {
      this.#options.report(error)
    }
  }

  async #backOff(): Promise<void> {
    const limitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** this.#failures)
    this.#failures += 1
    await pause(limitMs * (0.5 + Math.random() / 2), this.#options.signal)
  }
}

/** Takes the records of transactions that are complete now, and keeps the others in `open`. */
function wholeTransactions(records: readonly ChangeRecord[], open: Map<string, DataRecord[]>): DataRecord[] {
  const whole: DataRecord[] = []
  for (const record of records) {
    if (record.kind !== 'data') continue
    const parts = [...(open.get(record.transaction) ?? []), record]
    if (record.last) {
      open.delete(record.transaction)
      whole.push(...parts)
    } else {
      open.set(record.transaction, parts)
    }
  }
  return whole
}

/** The net changes of whole transactions, in their order. */
function changesOf(records: readonly DataRecord[]): Change[] {
  const shapes = new Map<string, TableShape>(records.map(({ table, shape }) => [table, shape]))
  const numbers = new Map<string, number>()
  const recorded = records.flatMap(({ transaction, table, change, rows, at }): RecordedChange[] => {
    const xid = numbers.get(transaction) ?? numbers.size
    numbers.set(transaction, xid)
    const committed_at = new Date(at).toISOString()
    return rows.map(row => ({ xid, table_name: table, kind: change, row_image: { ...row }, committed_at }))
  })
  return netChanges(recorded, shapes)
}
