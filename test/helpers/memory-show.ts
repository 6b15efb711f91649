import { PackagedShow } from '#run-services/live/packager/packaged-show.ts'
import { ShowWindow } from '#run-services/live/packager/show-window.ts'

/** A show that is not recorded, and what it told. */
export function openUnrecordedShow(
  options: { latencyMode?: 'low' | 'standard'; dvrWindowS?: number; now?: () => number } = {},
) {
  const { latencyMode = 'low', dvrWindowS = 60, now = Date.now } = options
  const events = { playable: [] as number[] }
  const window = new ShowWindow({ dvrWindowS, recorded: false })
  const show = new PackagedShow({
    streamId: `play_${'a'.repeat(26)}`,
    latencyMode,
    beginning: { nextSeq: 0, home: undefined, window, epochs: [], stored: 0, durationMs: 0 },
    storage: undefined,
    events: {
      segmentStored: () => undefined,
      recordingFailed: () => undefined,
      epochPlayable: epoch => void events.playable.push(epoch),
    },
    now,
  })
  return { show, events }
}
