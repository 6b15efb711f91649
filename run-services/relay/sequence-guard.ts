import type { Reader } from '#shared/ports/database/database.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Log } from '#shared/service/log.ts'
import type { OutboxRow } from './publish-events.ts'

/** Sees that every sequence reaches the bus without holes, whatever the feed gave. */
export interface SequenceGuard {
  /** The events of a batch, oldest first per source and subject, with the rows a hole is missing put in. */
  unbroken(rows: readonly Readonly<Record<string, unknown>>[]): Promise<OutboxRow[]>
  /** The bus has taken these. */
  published(events: readonly OutboxRow[]): void
}

/** Subjects remembered; one that was forgotten is not checked against what came before. */
const SUBJECTS_MAX = 50_000
/** Missing rows read at once. */
const HOLE_MAX = 1_000

const readHole = namedQuery(
  'relay.read-hole',
  ['channels', 'strm_sample', 1, 3, 10],
  (source: string, subject: string, after: number, before: number, limit: number) =>
    tables
      .selectFrom('domain_events')
      .select(['source', 'subject_id', 'seq', 'event_id', 'type', 'payload'])
      .where('subject_id', '=', subject)
      .where('source', '=', source)
      .where('seq', '>', after)
      .where('seq', '<', before)
      .orderBy('seq')
      .limit(limit),
)

/** Remembers the last sequence published per source and subject, and reads what a hole is missing from the outbox. */
export function sequenceGuard(database: Reader, log: Log): SequenceGuard {
  const last = new Map<string, number>()

  return {
    unbroken: async rows => {
      const seen = new Map(last)
      const events: OutboxRow[] = []
      for (const row of rows as readonly OutboxRow[]) {
        const name = `${row.source} ${row.subject_id}`
        const before = seen.get(name)
        if (before !== undefined && row.seq > before + 1) {
          log.warn(
            { source: row.source, subject: row.subject_id, after: before, before: row.seq },
            'a sequence had a hole',
          )
          const missing = await database.read(readHole(row.source, row.subject_id, before, row.seq, HOLE_MAX))
          events.push(...(missing as unknown as OutboxRow[]))
        }
        events.push(row)
        seen.set(name, Math.max(row.seq, before ?? 0))
      }
      return events
    },
    published: events => {
      for (const { source, subject_id, seq } of events) {
        const name = `${source} ${subject_id}`
        const before = last.get(name) ?? 0
        // Set anew, so that the oldest in the map is the longest unused.
        last.delete(name)
        last.set(name, Math.max(seq, before))
        if (last.size > SUBJECTS_MAX) last.delete(String(last.keys().next().value))
      }
    },
  }
}
