import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

/** Events of one subject by their sequence, from after it on. */
export const listEvents = namedQuery(
  'event.list',
  ['channels', 'strm_sample', 0, 21],
  (source: string, subject: string, afterSeq: number, limit: number) =>
    tables
      .selectFrom('domain_events')
      .select(['seq', 'payload'])
      .where('subject_id', '=', subject)
      .where('source', '=', source)
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(limit),
)
