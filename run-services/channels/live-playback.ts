import type { Playback } from '#shared/service/answer-parts.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { providerUrls } from './provider-urls.ts'
import { playbackOf } from './playback-of.ts'

/**
 * Where what is on the air plays: on our own origin, or where the plane serves it itself, under a URL that lets players in
 * now. `channel` is asked for in the second case alone.
 */
export async function livePlayback(
  deps: Pick<ChannelsDeps, 'settings' | 'plane'>,
  id: string,
  channel: () => Promise<ChannelRow | undefined>,
): Promise<Playback> {
  const { dash, playback } = deps.plane.features
  if (playback === 'origin') return playbackOf(deps.settings.mediaUrl, id, 'live', dash)
  const row = await channel()
  const url = providerUrls.safeParse(row?.ingest).data?.playback_url
  if (row?.provider_ref == null || url === undefined) return playbackOf(deps.settings.mediaUrl, id, 'live', dash)
  const watch = await deps.plane.watchUrl(row.provider_ref, url)
  // The plane's own player list reaches back as far as it keeps.
  return { id, hls_url: watch, dvr_url: watch }
}
