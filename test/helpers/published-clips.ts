import { insertCreator } from '#run-services/channels/creator-queries.ts'
import { insertStream } from '#run-services/channels/stream-queries.ts'
import type { Database } from '#shared/ports/database/database.ts'
import { json, type Statement, tables } from '#shared/ports/database/named-query.ts'

const SHARDS = 16
/** Rows of one statement. */
const ROWS_MAX = 100
const CLIP_MS = 10_000

export type TestClip = {
  id: string
  rank: number
  creator?: string
  stream?: string
  title?: string
  tags?: string[]
}

/** Makes a creator; asked twice it is an error of the test. */
export async function putCreator(database: Database, id: string, handle: string): Promise<void> {
  await database.transaction(tx => tx.write(insertCreator(id, handle, handle)))
}

/** Makes a show, on the air unless it has ended. */
export async function putShow(
  database: Database,
  show: { id: string; creator: string; startedAt: string; title?: string; ended?: boolean; playback?: string },
): Promise<void> {
  const open = show.ended !== true
  await database.transaction(tx =>
    tx.write(
      insertStream({
        stream_id: show.id,
        creator_id: show.creator,
        channel_id: `chan_${show.id}`,
        provider_stream_id: show.playback ?? `play_${show.id}`,
        title: show.title ?? 'A show',
        state: open ? 'live' : 'ended',
        epoch: 1,
        live_channel_id: open ? `chan_${show.id}` : null,
        live_shard: open ? shardOf(show.id) : null,
        started_at: show.startedAt,
        ended_at: open ? null : show.startedAt,
        reconnect_until: null,
        reason: null,
        created_at: show.startedAt,
      }),
    ),
  )
}

/** Makes published clips; their creators and shows have to be there. */
export async function putClips(database: Database, clips: readonly TestClip[]): Promise<void> {
  for (let from = 0; from < clips.length; from += ROWS_MAX) {
    const rows = clips.slice(from, from + ROWS_MAX).map(({ id, rank, creator, stream, title, tags }) => ({
      clip_id: id,
      creator_id: creator ?? 'crtr_a',
      stream_id: stream ?? 'strm_a',
      playback_id: `play_${id}`,
      origin: 'person' as const,
      title: title ?? id,
      tags: tags ?? [],
      start_ms: 0,
      end_ms: CLIP_MS,
      presets: [],
      state: 'published' as const,
      source: null,
      reasons: json([]),
      shard: shardOf(id),
      published_at: new Date(rank).toISOString(),
      feed_rank: rank,
      created_at: new Date(rank).toISOString(),
    }))
    const statement = statementOf('test.put-clips', tables.insertInto('clips').values(rows))
    await database.transaction(tx => tx.write(statement))
  }
}

/** Takes a clip out of the feed, or puts it back at a rank. */
export async function rerankClip(database: Database, id: string, rank: number | null): Promise<void> {
  const statement = statementOf(
    'test.rerank-clip',
    tables
      .updateTable('clips')
      .set({ feed_rank: rank, state: rank === null ? 'unpublished' : 'published' })
      .where('clip_id', '=', id),
  )
  await database.transaction(tx => tx.write(statement))
}

/** Ends a show. */
export async function endShow(database: Database, id: string): Promise<void> {
  const statement = statementOf(
    'test.end-show',
    tables
      .updateTable('streams')
      .set({ state: 'ended', live_shard: null, live_channel_id: null })
      .where('stream_id', '=', id),
  )
  await database.transaction(tx => tx.write(statement))
}

function statementOf(
  name: string,
  query: { compile(): { sql: string; parameters: readonly unknown[] } },
): Statement<object> {
  const { sql, parameters } = query.compile()
  return { name, sql, parameters: parameters as Statement<object>['parameters'] }
}

function shardOf(id: string): number {
  let sum = 0
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return sum % SHARDS
}
