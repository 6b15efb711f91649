import { frameRateFraction } from '../frame-rate.ts'
import type { AudioTrack, LadderPlan, VideoTrack } from '../ladder-plan.ts'
import { pinnedInput } from './pinned-input.ts'

/** File descriptor of the first track's output. */
const FIRST_OUTPUT_PIPE = 3
/** Samples that ffmpeg's AAC encoder puts before the first one it was given. */
const AAC_PRIMING_SAMPLES = 1024

/**
 * Arguments of the one ffmpeg that makes a show's ladder: FLV on stdin, per track of the plan one fragmented MP4 on
 * `pipe:3`, `pipe:4`, …. `skipMs` of the source are decoded and left out: what viewers saw before an encoder died.
 */
export function liveLadder(plan: LadderPlan, options: { skipMs?: number } = {}): string[] {
  const video = plan.tracks.filter(track => track.kind === 'video')
  // A whole number of frames, so that sound and picture start at the same instant.
  const skipS = Math.floor(((options.skipMs ?? 0) / 1000) * plan.fps) / plan.fps
  return [
    ['-hide_banner', '-nostats', '-nostdin', '-loglevel', 'warning'],
    // Slices only: decoding several frames at a time would cost a frame of delay per thread.
    ['-thread_type', 'slice', '-probesize', '64k', '-analyzeduration', '500000'],
    pinnedInput('flv', 'pipe:0'),
    ['-filter_complex', videoFilters(video, skipS)],
    plan.tracks.flatMap((track, index) => [
      ...(track.kind === 'video' ? videoOutput(plan, track, video.indexOf(track)) : audioOutput(track, skipS)),
      ...fragments(plan, track.kind),
      `pipe:${FIRST_OUTPUT_PIPE + index}`,
    ]),
  ].flat()
}

function videoFilters(video: readonly VideoTrack[], skipS: number): string {
  const outputs = video.map((_, index) => `[s${index}]`).join('')
  const skip = skipS > 0 ? `trim=start=${skipS.toFixed(6)},setpts=PTS-${skipS.toFixed(6)}/TB,` : ''
  const scales = video.map(({ width, height }, index) => `[s${index}]scale=${width}:${height},setsar=1[v${index}]`)
  return [`[0:v:0]${skip}split=${video.length}${outputs}`, ...scales].join(';')
}

function videoOutput(plan: LadderPlan, track: VideoTrack, index: number): string[] {
  const rate = `${track.bitrateKbps}k`
  const group = String(Math.round(plan.gopS * plan.fps))
  return [
    ['-map', `[v${index}]`],
    // A constant rate from 0 on. The `fps` filter does the same but holds every frame until the next one is there.
    ['-fps_mode', 'cfr', '-r', frameRateFraction(plan.fps)],
    ['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency'],
    ['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ['-g', group, '-keyint_min', group, '-sc_threshold', '0', '-bf', '0', '-pix_fmt', 'yuv420p'],
    // By time, not by count, so that every rung and every epoch cuts at the same instants at fractional rates too.
    ['-force_key_frames', `expr:gte(t,n_forced*${plan.gopS})`],
    ['-video_track_timescale', '90000'],
  ].flat()
}

function audioOutput(track: AudioTrack, skipS: number): string[] {
  // Holes in the source's sound become silence, else audio segments would end before their video. What is cut off at the
  // start is the length of the encoder's priming, so that its first packet is at 0 and sound and picture agree.
  const primingS = AAC_PRIMING_SAMPLES / track.sampleRate
  const filters = [
    `aresample=${track.sampleRate}:async=1:first_pts=0`,
    `atrim=start=${(skipS + primingS).toFixed(6)}`,
    `asetpts=PTS-STARTPTS+${AAC_PRIMING_SAMPLES}`,
  ]
  return [
    ['-map', '0:a:0', '-c:a', 'aac', '-b:a', `${track.bitrateKbps}k`],
    ['-ar', String(track.sampleRate), '-ac', String(track.channels)],
    ['-af', filters.join(',')],
  ].flat()
}

function fragments(plan: LadderPlan, kind: 'video' | 'audio'): string[] {
  const flags =
    kind === 'video' ? '+cmaf+empty_moov+default_base_moof+frag_keyframe' : '+cmaf+empty_moov+default_base_moof'
  // Half a frame less than the part, else the muxer overshoots by one.
  const fragmentUs = Math.round(((plan.partFrames - 0.5) / plan.fps) * 1_000_000)
  return ['-movflags', flags, '-frag_duration', String(fragmentUs), '-flush_packets', '1', '-f', 'mp4']
}
