import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type StreamKeyRow = Selectable<Tables['stream_keys']>

const CREATOR = 'crtr_sample'
const CHANNEL = 'chan_sample'
const KEY = 'skey_sample'
const TIME = '2026-01-01T00:00:00.000Z'

export type NewStreamKey = {
  creator_id: string
  channel_id: string
  key_id: string
  secret_hash: Uint8Array
  label: string | null
  provider_key_ref: string
  created_at: string
}

export const insertStreamKey = namedQuery(
  'stream-key.insert',
  [
    {
      creator_id: CREATOR,
      channel_id: CHANNEL,
      key_id: KEY,
      secret_hash: new Uint8Array(32),
      label: null,
      provider_key_ref: 'ref',
      created_at: TIME,
    },
  ],
  (key: NewStreamKey) =>
    tables
      .insertInto('stream_keys')
      .values({ ...key, state: 'active' })
      .onConflict(conflict => conflict.columns(['creator_id', 'channel_id', 'key_id']).doNothing()),
)

export const getStreamKey = namedQuery(
  'stream-key.get',
  [CREATOR, CHANNEL, KEY],
  (creatorId: string, channelId: string, keyId: string) =>
    tables
      .selectFrom('stream_keys')
      .selectAll()
      .where('creator_id', '=', creatorId)
      .where('channel_id', '=', channelId)
      .where('key_id', '=', keyId),
)

export const listStreamKeys = namedQuery(
  'stream-key.list',
  [CREATOR, CHANNEL, TIME, KEY, 21],
  (creatorId: string, channelId: string, afterTime: string, afterId: string, limit: number) =>
    tables
      .selectFrom('stream_keys')
      .selectAll()
      .where('creator_id', '=', creatorId)
      .where('channel_id', '=', channelId)
      .where(eb =>
        eb.or([
          eb('created_at', '>', afterTime),
          eb.and([eb('created_at', '=', afterTime), eb('key_id', '>', afterId)]),
        ]),
      )
      .orderBy('created_at')
      .orderBy('key_id')
      .limit(limit),
)

/** Ends a key at that time; the plane has yet to be told. */
export const endStreamKey = namedQuery(
  'stream-key.end',
  [CREATOR, CHANNEL, KEY, { state: 'retiring', expires_at: TIME, unsettled_at: TIME }],
  (
    creatorId: string,
    channelId: string,
    keyId: string,
    end: { state: 'retiring' | 'revoked'; expires_at: string; unsettled_at: string },
  ) =>
    tables
      .updateTable('stream_keys')
      .set(end)
      .where('creator_id', '=', creatorId)
      .where('channel_id', '=', channelId)
      .where('key_id', '=', keyId),
)

/** The plane knows the key's end; the row goes some time after it. */
export const settleStreamKey = namedQuery(
  'stream-key.settle',
  [CREATOR, CHANNEL, KEY, TIME, TIME],
  (creatorId: string, channelId: string, keyId: string, expiresAt: string, purgeAt: string) =>
    tables
      .updateTable('stream_keys')
      .set({ unsettled_at: null, purge_at: purgeAt })
      .where('creator_id', '=', creatorId)
      .where('channel_id', '=', channelId)
      .where('key_id', '=', keyId)
      .where('expires_at', '=', expiresAt),
)

/** Ended keys that the plane does not know of, with their channel's place on the plane. */
export const unsettledStreamKeys = namedQuery('stream-key.unsettled', [TIME, 10], (before: string, limit: number) =>
  tables
    .selectFrom('stream_keys')
    .innerJoin('channels', 'channels.channel_id', 'stream_keys.channel_id')
    .selectAll('stream_keys')
    .select('channels.provider_ref')
    .where('stream_keys.unsettled_at', 'is not', null)
    .where('stream_keys.unsettled_at', '<', before)
    .orderBy('stream_keys.unsettled_at')
    .limit(limit),
)
