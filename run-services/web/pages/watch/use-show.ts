import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { isOver } from './is-over.ts'
import type { Channel, Clip, Marker, Stream } from '../api/api-routes.ts'

const STREAM_EVERY_MS = 3_000
/** A finished show no longer changes; it is asked for rarely, in case its archive is still being written. */
const ENDED_EVERY_MS = 20_000
const MARKERS_EVERY_MS = 8_000
const CHANNEL_EVERY_MS = 60_000
const MARKERS_MAX = 100
const CLIPS_EVERY_MS = 10_000
const CLIPS_MAX = 100

export type Show = {
  stream: Stream | undefined
  channel: Channel | undefined
  markers: readonly Marker[]
  /** The show's published clips. */
  clips: readonly Clip[]
  problem: unknown
  /** A channel that has never had a show, or has none now and none before. */
  offAir: boolean
}

/** Follows one show by its own id, or whatever a channel has on air (its last show when nothing is). */
export function useShow(id: string): Show {
  const byChannel = id.startsWith('chan_')
  const found = usePolled(`latest ${id}`, STREAM_EVERY_MS, byChannel ? signal => latestShow(id, signal) : undefined)
  const streamId = byChannel ? found.value?.id : id
  const stream = usePolled(
    `stream ${streamId}`,
    STREAM_EVERY_MS,
    streamId === undefined || byChannel
      ? undefined
      : signal => call('GET /v1/streams/{id}', { params: { id: streamId }, signal }),
  )
  const shown = byChannel ? (found.value ?? undefined) : stream.value
  const channelId = byChannel ? id : shown?.channel_id
  const channel = usePolled(
    `channel ${channelId}`,
    CHANNEL_EVERY_MS,
    channelId === undefined
      ? undefined
      : signal => call('GET /v1/channels/{id}', { params: { id: channelId }, signal }),
  )
  const over = shown !== undefined && isOver(shown)
  const markers = usePolled(
    `markers ${shown?.id}`,
    over ? ENDED_EVERY_MS : MARKERS_EVERY_MS,
    shown === undefined
      ? undefined
      : signal =>
          call('GET /v1/streams/{id}/markers', { params: { id: shown.id }, query: { limit: MARKERS_MAX }, signal }),
  )
  const clips = usePolled(
    `clips ${shown?.id}`,
    over ? ENDED_EVERY_MS : CLIPS_EVERY_MS,
    shown === undefined
      ? undefined
      : signal => call('GET /v1/clips', { query: { stream: shown.id, state: 'published', limit: CLIPS_MAX }, signal }),
  )
  return {
    stream: shown,
    channel: channel.value,
    markers: markers.value?.data ?? [],
    clips: clips.value?.data ?? [],
    problem: found.error ?? stream.error,
    offAir: byChannel && found.value === null,
  }
}

async function latestShow(channelId: string, signal: AbortSignal): Promise<Stream | null> {
  const shows = await call('GET /v1/streams', { query: { channel: channelId, limit: 1 }, signal })
  return shows.data[0] ?? null
}
