import { mediaUrlOf } from '#shared/domain/playback-paths.ts'
import type { Playback } from '#shared/service/answer-parts.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { recordingFacts } from './note-recording.ts'
import { playbackOf } from './playback-of.ts'
import type { StreamRow } from './stream-queries.ts'

/** The manifest of a recording that the plane wrote in a layout of its own. */
const MANIFEST = 'media/hls/master.m3u8'

/** Where the recording of a show that is over plays: under its playback id, or where the plane put it. */
export function recordedPlayback(
  { settings, plane }: Pick<ChannelsDeps, 'settings' | 'plane'>,
  id: string,
  { recording }: Pick<StreamRow, 'recording'>,
): Playback {
  const facts = recordingFacts.safeParse(recording)
  if (plane.features.playback === 'origin' || !facts.success) {
    return playbackOf(settings.mediaUrl, id, 'play', plane.features.dash)
  }
  const { mediaUrl } = settings
  const url = mediaUrlOf(mediaUrl, facts.data.prefix + MANIFEST)
  return { id, hls_url: url, dvr_url: url }
}
