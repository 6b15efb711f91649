import type { Selectable } from 'kysely'
import type { ChannelState } from '#shared/domain/state-machine.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type ChannelRow = Selectable<Tables['channels']>

const CREATOR = 'crtr_sample'
const CHANNEL = 'chan_sample'
const TIME = '2026-01-01T00:00:00.000Z'

export type NewChannel = {
  creator_id: string
  channel_id: string
  title: string
  latency_mode: 'low' | 'standard'
  dvr_window_s: number
  renditions_max: number
  reconnect_window_s: number
  record: boolean
  provider: string
  unsettled_at: string
  created_at: string
}

export const insertChannel = namedQuery(
  'channel.insert',
  [
    {
      creator_id: CREATOR,
      channel_id: CHANNEL,
      title: 'A show',
      latency_mode: 'low',
      dvr_window_s: 3600,
      renditions_max: 3,
      reconnect_window_s: 60,
      record: true,
      provider: 'plane',
      unsettled_at: TIME,
      created_at: TIME,
    },
  ],
  (channel: NewChannel) =>
    tables
      .insertInto('channels')
      .values(channel)
      .onConflict(conflict => conflict.columns(['creator_id', 'channel_id']).doNothing()),
)

export const getChannel = namedQuery('channel.get', [CHANNEL], (channelId: string) =>
  tables.selectFrom('channels').selectAll().where('channel_id', '=', channelId),
)

export const getChannelByRef = namedQuery('channel.get-by-ref', ['ref'], (ref: string) =>
  tables.selectFrom('channels').selectAll().where('provider_ref', '=', ref).where('provider_ref', 'is not', null),
)

/** Oldest first, from after that place on. */
export const listChannels = namedQuery(
  'channel.list',
  [CREATOR, TIME, CHANNEL, 21],
  (creatorId: string, afterTime: string, afterId: string, limit: number) =>
    tables
      .selectFrom('channels')
      .selectAll()
      .where('creator_id', '=', creatorId)
      .where(eb =>
        eb.or([
          eb('created_at', '>', afterTime),
          eb.and([eb('created_at', '=', afterTime), eb('channel_id', '>', afterId)]),
        ]),
      )
      .orderBy('created_at')
      .orderBy('channel_id')
      .limit(limit),
)

export const countChannels = namedQuery('channel.count', [CREATOR], (creatorId: string) =>
  tables
    .selectFrom('channels')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('creator_id', '=', creatorId),
)

export type ChannelSettings = Pick<
  ChannelRow,
  'title' | 'latency_mode' | 'dvr_window_s' | 'renditions_max' | 'reconnect_window_s' | 'record' | 'state'
>

/** Changes only the version that was read, and marks it untold to the plane. */
export const updateChannel = namedQuery(
  'channel.update',
  [
    CHANNEL,
    1,
    {
      title: 'A show',
      latency_mode: 'low',
      dvr_window_s: 1,
      renditions_max: 3,
      reconnect_window_s: 1,
      record: true,
      state: 'idle',
    },
    TIME,
  ],
  (channelId: string, version: number, settings: ChannelSettings, unsettledAt: string) =>
    tables
      .updateTable('channels')
      .set({ ...settings, version: version + 1, unsettled_at: unsettledAt })
      .where('channel_id', '=', channelId)
      .where('version', '=', version)
      .returningAll(),
)

/** What the plane answered. */
export const setChannelRef = namedQuery(
  'channel.set-ref',
  [CHANNEL, 'ref', 'play_sample', '{}'],
  (channelId: string, ref: string, playbackId: string, ingest: string) =>
    tables
      .updateTable('channels')
      .set({ provider_ref: ref, playback_id: playbackId, ingest })
      .where('channel_id', '=', channelId),
)

/** The plane has these settings, unless they have changed meanwhile. */
export const settleChannel = namedQuery('channel.settle', [CHANNEL, 1], (channelId: string, version: number) =>
  tables
    .updateTable('channels')
    .set({ unsettled_at: null })
    .where('channel_id', '=', channelId)
    .where('version', '=', version),
)

export const setChannelState = namedQuery(
  'channel.set-state',
  [CHANNEL, 'live'],
  (channelId: string, state: ChannelState) =>
    tables.updateTable('channels').set({ state }).where('channel_id', '=', channelId),
)

/** Untold to the plane since before that time, oldest first. */
export const unsettledChannels = namedQuery('channel.unsettled', [TIME, 10], (before: string, limit: number) =>
  tables
    .selectFrom('channels')
    .selectAll()
    .where('unsettled_at', 'is not', null)
    .where('unsettled_at', '<', before)
    .orderBy('unsettled_at')
    .limit(limit),
)

export const insertPlaybackId = namedQuery(
  'playback-id.insert',
  ['play_sample', 'channel', CHANNEL],
  (playbackId: string, kind: 'channel' | 'stream', targetId: string) =>
    tables
      .insertInto('playback_ids')
      .values({ playback_id: playbackId, target_kind: kind, target_id: targetId, policy: 'public' })
      .onConflict(conflict => conflict.column('playback_id').doNothing()),
)
