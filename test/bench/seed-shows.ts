import { randomBytes } from 'node:crypto'
import { insertChannel } from '../../run-services/channels/channel-queries.ts'
import { insertCreator } from '../../run-services/channels/creator-queries.ts'
import { insertStream, putSession } from '../../run-services/channels/stream-queries.ts'
import { newId } from '../../shared/domain/id.ts'
import type { Database } from '../../shared/ports/database/database.ts'
import { json } from '../../shared/ports/database/named-query.ts'

export type SeededShow = { streamId: string; creatorId: string; channelId: string }

const SHARDS = 16
const MEDIA = { video: { codec: 'H.264', width: 1280, height: 720, fps: 30 }, audio: null }

/** Puts shows on the air in the database, each with its creator, channel and publisher, the newest first. */
export async function seedShows(database: Database, count: number, owner?: string): Promise<SeededShow[]> {
  const shows: SeededShow[] = []
  for (let index = 0; index < count; index += 1) {
    const streamId = newId('stream', randomBytes)
    const creatorId = owner ?? newId('creator', randomBytes)
    const channelId = newId('channel', randomBytes)
    const at = new Date(Date.now() - index * 60_000).toISOString()
    await database.transaction(async tx => {
      await tx.write(insertCreator(creatorId, `host${creatorId.slice(-8)}`, `Host ${index}`))
      await tx.write(
        insertChannel({
          creator_id: creatorId,
          channel_id: channelId,
          title: `Show ${index}`,
          latency_mode: 'low',
          dvr_window_s: 3_600,
          renditions_max: 3,
          reconnect_window_s: 60,
          record: true,
          provider: 'plane',
          unsettled_at: at,
          created_at: at,
        }),
      )
      await tx.write(
        insertStream({
          stream_id: streamId,
          creator_id: creatorId,
          channel_id: channelId,
          provider_stream_id: newId('playback', randomBytes),
          title: `Show ${index}`,
          state: 'live',
          epoch: 1,
          live_channel_id: channelId,
          live_shard: index % SHARDS,
          started_at: at,
          ended_at: null,
          reconnect_until: null,
          reason: null,
          created_at: at,
        }),
      )
      await tx.write(
        putSession({
          stream_id: streamId,
          epoch: 1,
          protocol: 'rtmp',
          connected_at: at,
          disconnected_at: null,
          reason: null,
          media: json(MEDIA),
        }),
      )
    })
    shows.push({ streamId, creatorId, channelId })
  }
  return shows
}
