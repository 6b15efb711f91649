import type { Selectable } from 'kysely'
import type { StreamState } from '#shared/domain/state-machine.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type StreamRow = Selectable<Tables['streams']>
export type SessionRow = Selectable<Tables['ingest_sessions']>

const CREATOR = 'crtr_sample'
const CHANNEL = 'chan_sample'
const STREAM = 'strm_sample'
const TIME = '2026-01-01T00:00:00.000Z'

export const getStream = namedQuery('stream.get', [STREAM], (streamId: string) =>
  tables.selectFrom('streams').selectAll().where('stream_id', '=', streamId),
)

export const getStreamByProvider = namedQuery('stream.get-by-provider', ['play_sample'], (providerStreamId: string) =>
  tables
    .selectFrom('streams')
    .selectAll()
    .where('provider_stream_id', '=', providerStreamId)
    .where('provider_stream_id', 'is not', null),
)

/** The one show of the channel that is on the air or waits for its publisher. */
export const getOpenStream = namedQuery('stream.get-open', [CHANNEL], (channelId: string) =>
  tables
    .selectFrom('streams')
    .selectAll()
    .where('live_channel_id', '=', channelId)
    .where('live_channel_id', 'is not', null),
)

/** With its creator, as a page shows it. */
export const presentStream = namedQuery('stream.present', [STREAM], (streamId: string) =>
  presented().where('streams.stream_id', '=', streamId),
)

export const openStreamsOf = namedQuery('stream.open-of', [[CHANNEL]], (channelIds: readonly string[]) =>
  tables
    .selectFrom('streams')
    .select(['live_channel_id', 'stream_id'])
    .where('live_channel_id', 'in', channelIds.length === 0 ? [''] : [...channelIds])
    .where('live_channel_id', 'is not', null),
)

/** Open shows of one shard, newest first, from after that place on. */
export const listLiveShard = namedQuery(
  'stream.list-live-shard',
  [0, TIME, STREAM, 21],
  (shard: number, beforeTime: string, beforeId: string, limit: number) =>
    presented()
      .where('streams.live_shard', '=', shard)
      .where('streams.live_shard', 'is not', null)
      .where(eb =>
        eb.or([
          eb('streams.started_at', '<', beforeTime),
          eb.and([eb('streams.started_at', '=', beforeTime), eb('streams.stream_id', '<', beforeId)]),
        ]),
      )
      .orderBy('streams.started_at', 'desc')
      .orderBy('streams.stream_id', 'desc')
      .limit(limit),
)

/** Shows of one channel in those states, newest first. */
export const listChannelStreams = namedQuery(
  'stream.list-channel',
  [CHANNEL, ['live'], TIME, STREAM, 21],
  (channelId: string, states: readonly StreamState[], beforeTime: string, beforeId: string, limit: number) =>
    presented()
      .where('streams.channel_id', '=', channelId)
      .where('streams.state', 'in', [...states])
      .where(eb =>
        eb.or([
          eb('streams.created_at', '<', beforeTime),
          eb.and([eb('streams.created_at', '=', beforeTime), eb('streams.stream_id', '<', beforeId)]),
        ]),
      )
      .orderBy('streams.created_at', 'desc')
      .orderBy('streams.stream_id', 'desc')
      .limit(limit),
)

/** Shows of one channel, newest first. */
export const listRecentStreams = namedQuery('stream.list-recent', [CHANNEL, 10], (channelId: string, limit: number) =>
  tables
    .selectFrom('streams')
    .selectAll()
    .where('channel_id', '=', channelId)
    .orderBy('created_at', 'desc')
    .orderBy('stream_id', 'desc')
    .limit(limit),
)

export type PresentedRow = StreamRow & { handle: string; display_name: string }

function presented() {
  return tables
    .selectFrom('streams')
    .innerJoin('creators', 'creators.creator_id', 'streams.creator_id')
    .selectAll('streams')
    .select(['creators.handle', 'creators.display_name'])
}

/** Every show that waits for media, of one shard; the reconciler's view. */
export const openStreams = namedQuery('stream.open', [0, 100], (shard: number, limit: number) =>
  tables
    .selectFrom('streams')
    .innerJoin('channels', 'channels.channel_id', 'streams.channel_id')
    .select([
      'streams.stream_id',
      'streams.channel_id',
      'streams.provider_stream_id',
      'streams.epoch',
      'streams.reconnect_until',
      'channels.provider_ref',
    ])
    .where('streams.live_shard', '=', shard)
    .where('streams.live_shard', 'is not', null)
    .orderBy('streams.started_at', 'desc')
    .limit(limit),
)

export type StreamValues = {
  state: StreamState
  epoch: number
  live_channel_id: string | null
  live_shard: number | null
  started_at: string
  ended_at: string | null
  reconnect_until: string | null
  reason: string | null
}
type NewStream = StreamValues & {
  stream_id: string
  creator_id: string
  channel_id: string
  provider_stream_id: string
  title: string
  created_at: string
}

const VALUES: StreamValues = {
  state: 'live',
  epoch: 1,
  live_channel_id: null,
  live_shard: null,
  started_at: TIME,
  ended_at: null,
  reconnect_until: null,
  reason: null,
}

export const insertStream = namedQuery(
  'stream.insert',
  [
    {
      ...VALUES,
      stream_id: STREAM,
      creator_id: CREATOR,
      channel_id: CHANNEL,
      provider_stream_id: 'play_sample',
      title: 'A show',
      created_at: TIME,
    },
  ],
  (stream: NewStream) => tables.insertInto('streams').values(stream),
)

export const updateStream = namedQuery('stream.update', [STREAM, VALUES], (streamId: string, values: StreamValues) =>
  tables
    .updateTable('streams')
    .set(eb => ({ ...values, version: eb('version', '+', 1) }))
    .where('stream_id', '=', streamId),
)

export const setStreamHealth = namedQuery('stream.set-health', [STREAM, '{}'], (streamId: string, health: string) =>
  tables.updateTable('streams').set({ health }).where('stream_id', '=', streamId),
)

export const setStreamRecording = namedQuery(
  'stream.set-recording',
  [STREAM, '{}'],
  (streamId: string, recording: string) =>
    tables.updateTable('streams').set({ recording }).where('stream_id', '=', streamId),
)

export const setStreamArchive = namedQuery(
  'stream.set-archive',
  [STREAM, { state: 'archived', archive: '{}', reason: null }],
  (streamId: string, values: { state: StreamState; archive: string; reason: string | null }) =>
    tables
      .updateTable('streams')
      .set(eb => ({ ...values, version: eb('version', '+', 1) }))
      .where('stream_id', '=', streamId),
)

/** Newest connections first; more than that never matters. */
export const listSessions = namedQuery('session.list', [STREAM, 100], (streamId: string, limit: number) =>
  tables
    .selectFrom('ingest_sessions')
    .selectAll()
    .where('stream_id', '=', streamId)
    .orderBy('epoch', 'desc')
    .limit(limit),
)

type SessionValues = {
  stream_id: string
  epoch: number
  protocol: string
  connected_at: string
  disconnected_at: string | null
  reason: string | null
  media: string | null
}

export const putSession = namedQuery(
  'session.put',
  [
    {
      stream_id: STREAM,
      epoch: 1,
      protocol: 'rtmp',
      connected_at: TIME,
      disconnected_at: null,
      reason: null,
      media: null,
    },
  ],
  (session: SessionValues) =>
    tables
      .insertInto('ingest_sessions')
      .values(session)
      .onConflict(conflict =>
        conflict.columns(['stream_id', 'epoch']).doUpdateSet(eb => ({
          stream_id: eb.ref('excluded.stream_id'),
          epoch: eb.ref('excluded.epoch'),
          protocol: eb.ref('excluded.protocol'),
          connected_at: eb.ref('excluded.connected_at'),
          disconnected_at: eb.ref('excluded.disconnected_at'),
          reason: eb.ref('excluded.reason'),
          media: eb.ref('excluded.media'),
        })),
      ),
)
