import { z } from 'zod'
import type { ChannelAnswer } from './channel-answer.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { playbackOf } from './playback-of.ts'

const ingest = z.object({
  rtmp_url: z.string().optional(),
  srt_url: z.string().optional(),
  ws_url: z.string().optional(),
  whip_url: z.string().optional(),
})

/** A channel as the API answers it; `own` adds what only its owner may see. */
export function presentChannel(
  deps: Pick<ChannelsDeps, 'settings' | 'plane'>,
  row: ChannelRow,
  liveStreamId: string | undefined,
  own: boolean,
): ChannelAnswer {
  const { playback_id: playbackId } = row
  const { dash } = deps.plane.features
  return {
    id: row.channel_id,
    creator_id: row.creator_id,
    title: row.title,
    latency_mode: row.latency_mode,
    dvr_window_s: row.dvr_window_s,
    renditions_max: row.renditions_max,
    reconnect_window_s: row.reconnect_window_s,
    record: row.record,
    state: row.state,
    live_stream_id: liveStreamId ?? null,
    playback_id: playbackId,
    playback: playbackId === null ? null : playbackOf(deps.settings.mediaUrl, playbackId, 'live', dash),
    ...(own && row.ingest !== null ? { ingest: ingest.parse(row.ingest) } : {}),
    created_at: row.created_at,
  }
}
