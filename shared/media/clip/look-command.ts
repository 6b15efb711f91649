import { type MediaCommand, nowhere, pinnedFile } from '../ffmpeg-arguments/media-command.ts'
import { levelFilters, meter, trialGains } from './clip-loudness.ts'
import { LOOK_HZ } from './crop-path.ts'
import { GRAY_HEIGHT, GRAY_WIDTH } from './gray-pictures.ts'

/** Longer than the cut by this, in s, an input is no longer read. */
const SLACK_S = 0.5

/**
 * A publisher may come back with another size; the graph is then kept, and its first `scale` brings every picture to one
 * size. By itself ffmpeg would build it anew, meters and counters with it.
 */
export const KEEP_GRAPH = ['-reinit_filter:v', '0'] as const

/** A cut as it lies in front of a command. */
export type CutFile = { path: string; durationS: number; audio: boolean }

/** Filters that give the first picture at or after every `1 / hz` seconds, small and gray. */
export function grayFilters(hz: number): string {
  return `select='gte(t+0.0005,selected_n/${hz})',scale=${GRAY_WIDTH}:${GRAY_HEIGHT}:flags=area,format=gray`
}

/** The look ahead: small gray pictures into `grayPath`, and the loudness of the sound by the meter `source`. */
export function lookCommand(cut: CutFile, grayPath: string): MediaCommand {
  const picture = `[0:v:0]${grayFilters(LOOK_HZ)}[gray]`
  const sound = `[0:a:0]aformat=channel_layouts=stereo,aresample=48000,${meter('source', { peak: true })}[sound]`
  return {
    // The loop filter is for eyes; without it the pass costs a third less.
    inputs: [pinnedFile('mov', cut.path, cut.durationS + SLACK_S, [...KEEP_GRAPH, '-skip_loop_filter', 'all'])],
    filter: cut.audio ? `${picture};${sound}` : picture,
    outputs: [
      { path: grayPath, options: ['-map', '[gray]', '-fps_mode', 'passthrough', '-f', 'rawvideo'] },
      ...(cut.audio ? [nowhere('sound')] : []),
    ],
  }
}

/** What comes out of the limiter at several gains, by the meters that `trialGains` names; sound alone. */
export function trialCommand(cut: CutFile, gainDb: number): MediaCommand {
  const trials = trialGains(gainDb)
  const split = `[0:a:0]asplit=${trials.length}${trials.map(({ name }) => `[${name}]`).join('')}`
  const tried = trials.map(
    trial => `[${trial.name}]${levelFilters(trial.gainDb)},${meter(trial.name)}[${trial.name}out]`,
  )
  return {
    inputs: [pinnedFile('mov', cut.path, cut.durationS + SLACK_S)],
    filter: [split, ...tried].join(';'),
    outputs: trials.map(({ name }) => nowhere(`${name}out`)),
  }
}
