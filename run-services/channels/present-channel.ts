import type { ChannelAnswer } from './channel-answer.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { livePlayback } from './live-playback.ts'
import { providerUrls } from './provider-urls.ts'

const ingest = providerUrls.omit({ playback_url: true })

/** A channel as the API answers it; `own` adds what only its owner may see. */
export async function presentChannel(
  deps: Pick<ChannelsDeps, 'settings' | 'plane'>,
  row: ChannelRow,
  liveStreamId: string | undefined,
  own: boolean,
): Promise<ChannelAnswer> {
  const { playback_id: playbackId } = row
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
    playback: playbackId === null ? null : await livePlayback(deps, playbackId, async () => row),
    ...(own && row.ingest !== null ? { ingest: ingest.parse(row.ingest) } : {}),
    created_at: row.created_at,
  }
}
