import { frameRateFraction } from '../frame-rate.ts'
import type { AudioTrack, LadderPlan, VideoTrack } from '../ladder-plan.ts'
import { pinnedInput } from './pinned-input.ts'

/** File descriptor of the first track's output. */
export const FIRST_OUTPUT_PIPE = 3

/**
 * Arguments of the one ffmpeg that makes a show's ladder: FLV on stdin, per track of the plan one fragmented MP4 on
 * `pipe:3`, `pipe:4`, …. `skipMs` of the source are decoded and left out: what viewers saw before an encoder died.
 */
export function liveLadder(plan: LadderPlan, options: { skipMs?: number } = {}): string[] {
  const video = plan.tracks.filter(track => track.kind === 'video')
  return [
    ...['-hide_banner', '-nostats', '-nostdin', '-loglevel', 'warning'],
    ...['-probesize', '64k', '-analyzeduration', '500000'],
    ...pinnedInput('flv', 'pipe:0'),
    ...['-filter_complex', filterGraph(plan, video)],
    ...plan.tracks.flatMap((track, index) => [
      ...(track.kind === 'video' ? videoOutput(plan, track, video.indexOf(track)) : audioOutput(track)),
      ...(options.skipMs ? ['-ss', (options.skipMs / 1000).toFixed(3)] : []),
      ...fragments(plan, track.kind),
      `pipe:${FIRST_OUTPUT_PIPE + index}`,
    ]),
  ]
}

function filterGraph(plan: LadderPlan, video: readonly VideoTrack[]): string {
  const outputs = video.map((_, index) => `[s${index}]`).join('')
  const split = `[0:v:0]fps=${frameRateFraction(plan.fps)},split=${video.length}${outputs}`
  const scales = video.map(({ width, height }, index) => `[s${index}]scale=${width}:${height},setsar=1[v${index}]`)
  return [split, ...scales].join(';')
}

function videoOutput(plan: LadderPlan, track: VideoTrack, index: number): string[] {
  const rate = `${track.bitrateKbps}k`
  const group = String(Math.round(plan.gopS * plan.fps))
  return [
    ...['-map', `[v${index}]`],
    ...['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency'],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-g', group, '-keyint_min', group, '-sc_threshold', '0', '-bf', '0', '-pix_fmt', 'yuv420p'],
    // By time, not by count, so that every rung and every epoch cuts at the same instants at fractional rates too.
    ...['-force_key_frames', `expr:gte(t,n_forced*${plan.gopS})`],
    ...['-video_track_timescale', '90000'],
  ]
}

function audioOutput(track: AudioTrack): string[] {
  return [
    ...['-map', '0:a:0', '-c:a', 'aac', '-b:a', `${track.bitrateKbps}k`],
    ...['-ar', String(track.sampleRate), '-ac', String(track.channels)],
    // Holes in the source's sound become silence, else audio segments would end before their video.
    ...['-af', 'aresample=async=1'],
  ]
}

function fragments(plan: LadderPlan, kind: 'video' | 'audio'): string[] {
  const flags = kind === 'video' ? '+cmaf+empty_moov+default_base_moof+frag_keyframe' : '+cmaf+empty_moov+default_base_moof'
  // Half a frame less than the part, else the muxer overshoots by one.
  const fragmentUs = Math.round(((plan.partFrames - 0.5) / plan.fps) * 1_000_000)
  return ['-movflags', flags, '-frag_duration', String(fragmentUs), '-flush_packets', '1', '-f', 'mp4']
}
