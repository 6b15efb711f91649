import { isSynthetic } from '#shared/domain/canary.ts'
import { isId } from '#shared/domain/id.ts'
import type { StreamState } from '#shared/domain/state-machine.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import { LIVE_SHARDS } from './apply-fact.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { mediaOf } from './get-stream.ts'
import { presentStream } from './present-stream.ts'
import { STREAM_STATES, type StreamAnswer, type StreamsQuery } from './stream-answer.ts'
import { isOpen } from './stream-life.ts'
import { listChannelStreams, listLiveShard, type PresentedRow } from './stream-queries.ts'

/** Later than any show. */
const FROM_NEWEST = '9999-12-31T23:59:59.999Z'
/** After any id in descending order. */
const LAST_ID = `strm_${'z'.repeat(27)}`

type Query = StreamsQuery & { limit: number; cursor?: string | undefined }

/** Shows on the air everywhere, or the shows of one channel; newest first. */
export async function listStreams(deps: ChannelsDeps, cursors: PageCursors, query: Query): Promise<Page<StreamAnswer>> {
  const { state, channel, limit, cursor } = query
  if (channel === undefined && state !== 'live') {
    throw new Refusal('request.invalid', { detail: 'Name a channel, or ask for state=live.', param: 'channel' })
  }
  const scope = `streams ${state ?? ''} ${channel ?? ''}`
  const [time = FROM_NEWEST, id = LAST_ID] = cursor === undefined ? [] : cursors.open(cursor, scope).map(String)
  const place = { time, id, limit: limit + 1 }
  const rows = channel === undefined ? await liveRows(deps, place) : await channelRows(deps, channel, state, place)
  const cursorOf = (row: PresentedRow) =>
    cursors.seal([channel === undefined ? (row.started_at ?? row.created_at) : row.created_at, row.stream_id], scope)
  const shown = page(rows, limit, row => row, cursorOf)
  const seen = channel === undefined ? shown.data.filter(({ creator_id }) => !isSynthetic(creator_id)) : shown.data
  const data = await Promise.all(
    seen.map(async row => presentStream(deps, row, await mediaOf(deps.database, row.stream_id))),
  )
  return { ...shown, data }
}

type Place = { time: string; id: string; limit: number }

async function channelRows(
  deps: ChannelsDeps,
  channel: string,
  state: StreamsQuery['state'],
  { time, id, limit }: Place,
): Promise<PresentedRow[]> {
  if (!isId('channel', channel)) return []
  return deps.database.read(listChannelStreams(channel, statesOf(state), time, id, limit))
}

function statesOf(state: StreamsQuery['state']): readonly StreamState[] {
  return STREAM_STATES.filter(each => state === undefined || isOpen(each) === (state === 'live'))
}

/** Merges the ranges that open shows are spread over. */
async function liveRows(deps: ChannelsDeps, { time, id, limit }: Place): Promise<PresentedRow[]> {
  const shards = Array.from({ length: LIVE_SHARDS }, (_, shard) => shard)
  const ranges = await Promise.all(shards.map(shard => deps.database.read(listLiveShard(shard, time, id, limit))))
  const newestFirst = (a: PresentedRow, b: PresentedRow) =>
    descending(a.started_at ?? '', b.started_at ?? '') || descending(a.stream_id, b.stream_id)
  return ranges.flat().sort(newestFirst).slice(0, limit)
}

function descending(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? 1 : -1
}
