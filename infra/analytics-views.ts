import type { EventType } from '#shared/domain/domain-event.ts'

/** One column of an analyst's view: the newest value of a field of one event type about the same thing. */
export type ViewField = {
  column: string
  event: EventType
  /** Path in the event's data; its own time when left out. */
  path?: string
  type?: 'INT64' | 'FLOAT64' | 'BOOL' | 'TIMESTAMP'
}

/** A view with one row per thing: its id, and what its events said of it. */
export type EntityView = {
  name: string
  says: string
  /** Column of the thing's id, which is the events' subject. */
  key: string
  /** The event whose day is the row's. */
  born: EventType
  fields: readonly ViewField[]
}

/** What analysts read, beside the events themselves. */
export const ENTITY_VIEWS: readonly EntityView[] = [
  {
    name: 'streams',
    says: 'One row a show.',
    key: 'stream_id',
    born: 'stream.started',
    fields: [
      { column: 'creator_id', event: 'stream.started', path: 'creator_id' },
      { column: 'channel_id', event: 'stream.started', path: 'channel_id' },
      { column: 'title', event: 'stream.started', path: 'title' },
      { column: 'started_at', event: 'stream.started', path: 'started_at', type: 'TIMESTAMP' },
      { column: 'ended_at', event: 'stream.ended', path: 'ended_at', type: 'TIMESTAMP' },
      { column: 'duration_ms', event: 'stream.ended', path: 'duration_ms', type: 'FLOAT64' },
      { column: 'end_reason', event: 'stream.ended', path: 'reason' },
      { column: 'archived_at', event: 'stream.archived' },
      { column: 'segments', event: 'stream.archived', path: 'segments', type: 'INT64' },
      { column: 'failed_at', event: 'stream.failed' },
      { column: 'failure', event: 'stream.failed', path: 'reason' },
    ],
  },
  {
    name: 'clips',
    says: 'One row a clip.',
    key: 'clip_id',
    born: 'clip.requested',
    fields: [
      { column: 'creator_id', event: 'clip.requested', path: 'creator_id' },
      { column: 'stream_id', event: 'clip.requested', path: 'stream_id' },
      { column: 'origin', event: 'clip.requested', path: 'origin' },
      { column: 'requested_at', event: 'clip.requested' },
      { column: 'playable_at', event: 'clip.playable' },
      { column: 'duration_ms', event: 'clip.playable', path: 'duration_ms', type: 'FLOAT64' },
      { column: 'missing_ms', event: 'clip.playable', path: 'missing_ms', type: 'FLOAT64' },
      { column: 'rendered_at', event: 'clip.rendered' },
      { column: 'published_at', event: 'clip.published', path: 'published_at', type: 'TIMESTAMP' },
      { column: 'unpublished_at', event: 'clip.unpublished' },
      { column: 'rejected_at', event: 'clip.rejected' },
      { column: 'rejection', event: 'clip.rejected', path: 'reason' },
      { column: 'failed_at', event: 'clip.failed' },
      { column: 'failure', event: 'clip.failed', path: 'reason' },
      { column: 'deleted_at', event: 'clip.deleted' },
    ],
  },
]

/** Every event once, its envelope in columns; the bus may deliver one twice. */
export function eventsViewSql(table: string): string {
  return `SELECT
  JSON_VALUE(data, '$.id') AS event_id,
  JSON_VALUE(data, '$.type') AS type,
  JSON_VALUE(data, '$.source') AS source,
  JSON_VALUE(data, '$.subject') AS subject,
  TIMESTAMP(JSON_VALUE(data, '$.time')) AS at,
  CAST(JSON_VALUE(data, '$.sequence') AS INT64) AS sequence,
  JSON_VALUE(data, '$.class') AS class,
  data.data AS data,
  publish_time
FROM \`${table}\`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY JSON_VALUE(data, '$.id') ORDER BY publish_time) = 1`
}

/** A view with one row per thing, from the events view; people's shows only, no synthetic ones. */
export function entityViewSql(view: EntityView, events: string): string {
  const types = [...new Set([view.born, ...view.fields.map(({ event }) => event)])]
  const columns = view.fields.map(field => `  ${newest(field)} AS ${field.column}`)
  return `SELECT
  subject AS ${view.key},
  DATE(MIN(IF(type = '${view.born}', at, NULL))) AS day,
${columns.join(',\n')}
FROM \`${events}\`
WHERE class = 'real' AND type IN (${types.map(type => `'${type}'`).join(', ')})
GROUP BY subject`
}

function newest({ event, path, type }: ViewField): string {
  const value = path === undefined ? 'at' : `JSON_VALUE(data, '$.${path}')`
  const typed = type === undefined ? value : `SAFE_CAST(${value} AS ${type})`
  return `ARRAY_AGG(IF(type = '${event}', ${typed}, NULL) IGNORE NULLS ORDER BY at DESC LIMIT 1)[SAFE_OFFSET(0)]`
}

/** Writes a view's rows of yesterday as Parquet into a folder of their day; run twice, it writes the same files. */
export function exportSql(view: string, bucket: string, name: string): string {
  return `DECLARE yesterday DATE DEFAULT DATE_SUB(@run_date, INTERVAL 1 DAY);
EXECUTE IMMEDIATE FORMAT("""
EXPORT DATA OPTIONS (
  uri = 'gs://${bucket}/parquet/${name}/day=%t/*.parquet',
  format = 'PARQUET', compression = 'ZSTD', overwrite = true
) AS SELECT * FROM \`${view}\` WHERE day = DATE '%t'
""", yesterday, yesterday);`
}
