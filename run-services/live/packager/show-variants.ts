import { renderMultivariantPlaylist } from '#shared/media/hls/multivariant-playlist.ts'
import type { EpochFacts, TrackFacts } from './show-facts.ts'

/** What one track takes, bits a second. */
export type Rate = { peak: number; average: number }
/** How much a constant-rate encoder may exceed its rate over one segment, before any segment is measured. */
const PEAK_FACTOR = 1.1

/** The declared rate of a track, or what was measured where that is more. */
export function rateOf(track: TrackFacts, measuredPeak: number): Rate {
  const average = track.bitrate_kbps * 1000
  return { average, peak: Math.max(average * PEAK_FACTOR, measuredPeak) }
}

/** The multivariant playlist of an encoder run's tracks; `uriOf` is each one's media playlist. */
export function multivariantText(
  epoch: EpochFacts,
  uriOf: (track: string) => string,
  measuredPeak: (track: string) => number,
): string {
  const audio = epoch.tracks.find(({ kind }) => kind === 'audio')
  const sound = audio === undefined ? { peak: 0, average: 0 } : rateOf(audio, measuredPeak(audio.name))
  const variants = epoch.tracks
    .filter(({ kind }) => kind === 'video')
    .map(track => {
      const picture = rateOf(track, measuredPeak(track.name))
      return {
        uri: uriOf(track.name),
        bandwidth: picture.peak + sound.peak,
        averageBandwidth: picture.average + sound.average,
        codecs: audio === undefined ? [track.codec] : [track.codec, audio.codec],
        width: track.width,
        height: track.height,
        frameRate: epoch.fps,
      }
    })
  return renderMultivariantPlaylist(
    variants,
    audio === undefined ? undefined : { uri: uriOf(audio.name), channels: audio.channels },
  )
}
