import type { DashPeriod } from '#shared/media/dash/presentation.ts'
import type { EpochFacts } from './show-facts.ts'
import { rateOf } from './show-variants.ts'

/** How far the first picture may lie behind the instant its segment should start at, as a share of the segment. */
const GRID_TOLERANCE = 0.001

/** Media second on the grid of key frames that the first segment of an encoder run belongs to. */
function gridStartS(epoch: EpochFacts): number {
  return Math.floor(epoch.first_s / epoch.gop_s + GRID_TOLERANCE) * epoch.gop_s
}

/** One Period for an encoder run, or for the stretch of it from `firstSeq` on. */
export function dashPeriod(
  epoch: EpochFacts,
  options: {
    endS: number | undefined
    measuredPeak: (track: string) => number
    /** A stretch that begins later than the run, after media that were lost. */
    from?: { seq: number; startS: number }
  },
): DashPeriod {
  const mediaStartS = options.from?.startS ?? gridStartS(epoch)
  const startNumber = options.from?.seq ?? epoch.first_seq
  return {
    id: options.from === undefined ? String(epoch.epoch) : `${epoch.epoch}-${startNumber}`,
    startS: (epoch.zero_at_ms - epoch.show_began_ms) / 1000 + mediaStartS,
    durationS: options.endS === undefined ? undefined : options.endS - mediaStartS,
    mediaStartS,
    startNumber,
    segmentS: epoch.gop_s,
    tracks: epoch.tracks.map(track => ({
      kind: track.kind,
      id: track.name,
      codec: track.codec,
      bandwidth: rateOf(track, options.measuredPeak(track.name)).peak,
      timescale: track.timescale,
      width: track.width,
      height: track.height,
      frameRate: epoch.fps,
      sampleRate: track.sample_rate,
      channels: track.channels,
      media: `${epoch.folder}/$RepresentationID$/$Number$.m4s`,
      initialization: `${epoch.folder}/$RepresentationID$/init-${epoch.epoch}.mp4`,
    })),
  }
}
