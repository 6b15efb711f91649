import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spannerChangeFeed } from '#shared/ports/change-feed/spanner-change-feed.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { missingEmulator } from '../helpers/emulators/emulator-process.ts'
import { type SpannerDatabases, startSpannerDatabases } from '../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { nextSequence } from '../helpers/next-sequence.ts'
import { changeFeedContract } from './change-feed.contract.ts'

/** Partitions of this emulator live for two to four seconds, not for twenty to forty. */
const RESTLESS = [
  '--override_change_stream_partition_token_alive_seconds=2',
  '--change_stream_churning_interval=1s',
  '--change_stream_churn_thread_sleep_interval=1s',
]
/** Partitions that must have ended, and transactions written at least, before what came is compared. */
const PARTITIONS_ENDED = 6

const missing = missingEmulator(spannerEmulator)

const named = missing === undefined ? '' : `: ${missing}`

/** Databases on an emulator of the suite's own. */
function databasesWith(flags: readonly string[]) {
  let databases: SpannerDatabases
  beforeAll(async () => {
    databases = await startSpannerDatabases(flags)
  })
  afterAll(async () => {
    await databases[Symbol.asyncDispose]()
  })
  return async () => await spannerDatabase({ ...(await databases.create()), serial: true })
}

describe.skipIf(missing !== undefined)(`the change feed contract on spanner${named}`, () => {
  const open = databasesWith([])
  // The emulator tells instants of changes in whole seconds, the service all their digits; it stamps 20 rows a second.
  changeFeedContract(open, database => spannerChangeFeed({ database }), {
    wholeSeconds: true,
    hundredsAtOnce: 2,
    withinMs: 45_000,
  })
})

describe.skipIf(missing !== undefined)(`partitions of spanner that end every few seconds${named}`, () => {
  const open = databasesWith(RESTLESS)

  test('keys keep their order while partitions end and begin, and a follower is cut again and again', async () => {
    await using database = await open()
    const seen = new Map<string, number[]>()
    const ended = new Set<string>()
    let reported: unknown
    const feed = spannerChangeFeed({ database, report: ({ error }) => (reported = error) })
    const partitions = plainSql<{ partition_token: string }>(
      'x',
      "SELECT partition_token FROM feed_checkpoints WHERE state = 'running'",
    )
    const writing = new AbortController()
    const write = async (): Promise<void> => {
      for (let count = 0; !writing.signal.aborted; count += 1) {
        const subject = `key-${count % 5}`
        await database.transaction(async tx => {
          const seq = await nextSequence(tx, 'test', subject)
          await tx.write(
            plainSql(
              'event.add',
              `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
            VALUES ('test', $1, $2, $3, 'test.happened', '2026-01-02T03:04:05Z', $4)`,
              [subject, seq, `evt_${subject}_${seq}`, json({})],
            ),
          )
        })
        for (const { partition_token: token } of await database.read(partitions)) ended.add(token)
      }
    }
    const writer = write()
    for (let cut = 0; ended.size < PARTITIONS_ENDED || cut < 4; cut += 1) {
      const stop = new AbortController()
      let batches = 0
      await feed.follow({ reader: 'cut', tables: ['domain_events'], signal: stop.signal }, async changes => {
        batches += 1
        if (batches > 15) {
          stop.abort()
          throw new Error('cut')
        }
        for (const { row } of changes) {
          const key = String(row['subject_id'])
          const numbers = seen.get(key) ?? []
          seen.set(key, [...numbers, Number(row['seq'])])
        }
      })
    }
    writing.abort()
    await writer
    const stop = new AbortController()
    const rest = feed.follow({ reader: 'cut', tables: ['domain_events'], signal: stop.signal }, async changes => {
      for (const { row } of changes) seen.get(String(row['subject_id']))?.push(Number(row['seq']))
    })
    const written = await database.read(
      plainSql<{ subject_id: string; last_seq: number }>('x', 'SELECT subject_id, last_seq FROM event_sequences'),
    )
    await eventually(
      () => [...seen],
      found => {
        for (const { subject_id, last_seq } of written) {
          const first = [...new Set(new Map(found).get(subject_id))]
          expect(first).toEqual(Array.from({ length: last_seq }, (_, index) => index + 1))
        }
      },
    )
    stop.abort()
    await rest
    expect(reported).toBeUndefined()
    expect(seen.size).toBe(5)
  })
})
