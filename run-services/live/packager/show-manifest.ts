import { renderMediaPresentation } from '#shared/media/dash/media-presentation.ts'
import { dashPeriod } from './show-periods.ts'
import { CLOCK_PATH } from './show-paths.ts'
import type { ShowState } from './show-playlists.ts'

/** Where a low-latency DASH player aims, and where any other does. */
const LOW_LATENCY_MS = 1_500
const STANDARD_LATENCY_TARGETS = 3

/** The MPD of a running show: one Period for each encoder run in the window. */
export function manifestText(show: ShowState, measuredPeak: (track: string) => number, publishedMs: number): string {
  const { window, targetDurationS, partTargetS } = show
  const epochs = window.epochs()
  if (show.running !== undefined && !epochs.includes(show.running)) epochs.push(show.running)
  const periods = epochs.map(epoch => {
    const last = window.segments.findLast(segment => segment.epoch === epoch)
    // The newest stays open while the publisher may return: players take an end without a successor for the end of all.
    const over = last !== undefined && (epoch !== epochs.at(-1) || show.ended)
    return dashPeriod(epoch, { endS: over ? last.startS + last.durationS : undefined, measuredPeak })
  })
  const last = periods.at(-1)
  const latencyS = partTargetS === undefined ? STANDARD_LATENCY_TARGETS * targetDurationS : LOW_LATENCY_MS / 1000
  return renderMediaPresentation({
    type: 'dynamic',
    availabilityStartMs: epochs[0]?.show_began_ms ?? publishedMs,
    publishedMs,
    minimumUpdateS: show.ended ? undefined : targetDurationS,
    timeShiftS: window.dvrWindowS,
    suggestedDelayS: latencyS,
    partS: partTargetS,
    clockUrl: CLOCK_PATH,
    durationS: show.ended && last !== undefined ? last.startS + (last.durationS ?? 0) : undefined,
    targetLatencyMs: latencyS * 1000,
    periods,
  })
}
