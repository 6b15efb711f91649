import type { Session } from '@google-cloud/spanner'
import type { SpannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { spannerParameters } from '#shared/ports/database/spanner-values.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { changeRecord, type ChangeRecord } from './spanner-change-record.ts'

export type StreamRead = {
  database: SpannerDatabase
  stream: string
  /** Null asks which partitions there are. */
  token: string | null
  /** RFC 3339; what was committed then or later is told. */
  from: string
  signal: AbortSignal
}

/** How long one query follows a partition, in ms; below the ten minutes that an end may lie ahead. */
const QUERY_MS = 300_000
/** How often a quiet partition tells that it is quiet, in ms. */
const HEARTBEAT_MS = 5_000
/** A partition that says nothing for this long is asked anew, in ms. */
const SILENCE_MS_MAX = 20_000
/** Records read ahead of the handler before the stream is held back. */
const AHEAD_MAX = 500

type Rows = ReturnType<ReturnType<Session['snapshot']>['runStream']>

/** What one query gave at once, in order; `done` with the last of them. */
export type Taken = { records: readonly ChangeRecord[]; done: boolean }

/** The records of one query; its session, which no pool knows, goes with it. */
export interface RecordIntake extends AsyncDisposable {
  /** Waits for the next records; throws when the query failed. */
  take(): Promise<Taken>
  /** Up to where an ended query without children has told everything; RFC 3339. */
  readonly until: string
}

/** Asks for the records of a partition from an instant on. */
export async function readRecords(read: StreamRead): Promise<RecordIntake> {
  const { database, stream, token, from, signal } = read
  const until = new Date(Math.max(Date.now(), Date.parse(from)) + QUERY_MS).toISOString()
  const column = `read_json_${stream}`
  const sql = `SELECT * FROM spanner.${column}($1, $2, $3, ${HEARTBEAT_MS}, null)`
  const params = spannerParameters(plainSql('change-feed.read', sql, [from, token === null ? null : until, token]))
  const request = { sql, params, json: true, jsonOptions: { wrapNumbers: true } }
  const [session] = await database.client.createSession({})
  const rows = session.snapshot({ strong: true }).runStream(request)
  return new QueryIntake(session, rows, column, until, signal)
}

class QueryIntake implements RecordIntake {
  readonly until: string
  readonly #session: Session
  readonly #rows: Rows
  readonly #signal: AbortSignal
  readonly #silence: NodeJS.Timeout
  readonly #stop = (): void => this.#end()
  #waiting: ChangeRecord[] = []
  #done = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(session: Session, rows: Rows, column: string, until: string, signal: AbortSignal) {
    this.until = until
    this.#session = session
    this.#rows = rows
    this.#signal = signal
    const silent = new Error(`${column} said nothing for ${SILENCE_MS_MAX} ms.`)
    this.#silence = setTimeout(() => this.#end(silent), SILENCE_MS_MAX)
    rows.on('data', (row: unknown) => this.#receive((row as Record<string, { value: unknown }>)[column]?.value))
    rows.on('error', (error: Error) => this.#end(error))
    rows.on('end', () => this.#end())
    signal.addEventListener('abort', this.#stop)
    if (signal.aborted) this.#end()
  }

  async take(): Promise<Taken> {
    if (this.#waiting.length === 0 && !this.#done) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    const records = this.#waiting
    this.#waiting = []
    if (!this.#done) this.#rows.resume()
    // What came before a failure is told first.
    if (records.length === 0 && this.#failure !== undefined) throw this.#failure
    return { records, done: this.#done && this.#failure === undefined }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
    this.#rows.destroy()
    // One that cannot be deleted runs out by itself.
    await this.#session.delete().catch(() => undefined)
  }

  #receive(value: unknown): void {
    if (this.#done) return
    this.#silence.refresh()
    try {
      this.#waiting.push(changeRecord(value))
    } catch (error) {
      this.#end(error as Error)
      return
    }
    if (this.#waiting.length >= AHEAD_MAX) this.#rows.pause()
    this.#wake?.()
  }

  #end(failure?: Error): void {
    if (this.#done) return
    this.#done = true
    this.#failure = failure
    clearTimeout(this.#silence)
    this.#signal.removeEventListener('abort', this.#stop)
    this.#wake?.()
  }
}
