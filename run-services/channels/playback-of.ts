import { mediaUrlOf, PLAYBACK_PATHS } from '#shared/domain/playback-paths.ts'
import type { Playback } from '#shared/service/answer-parts.ts'

/** Absolute entry points of a playback id: under `live` while it may be on air, under `play` once it is a recording. */
export function playbackOf(mediaUrl: URL, id: string, place: 'live' | 'play', dash: boolean): Playback {
  const at = (file: string) => mediaUrlOf(mediaUrl, `${place}/${id}/${file}`)
  return {
    id,
    hls_url: at(PLAYBACK_PATHS.hls),
    // A recording's master playlist already holds everything.
    dvr_url: at(place === 'live' ? PLAYBACK_PATHS.dvr : PLAYBACK_PATHS.hls),
    ...(dash ? { dash_url: at(PLAYBACK_PATHS.dash) } : {}),
  }
}
