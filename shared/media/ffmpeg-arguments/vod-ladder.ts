import { type MediaCommand, type MediaFile, pinnedFile } from './media-command.ts'
import type { Container } from './pinned-input.ts'

/** What is made of one stored video: a file per track. */
type VodLadder = {
  rungs: readonly { name: string; width: number; height: number; bitrateKbps: number }[]
  frameRate: { numerator: number; denominator: number }
  gopS: number
  audio?: { bitrateKbps: number; channels: 1 | 2 }
}

export type VodSource = {
  container: Container
  path: string
  /** No more of it is read than this. */
  longestS: number
  /** As it says itself. */
  durationS: number | undefined
}

/** Name of the one track of sound. */
export const SOUND_TRACK = 'sound'
/** How far the rate may rise over a rung's, as seconds of it. */
export const VBV_S = 2
const SOUND_RATE = 48_000
/** Samples that ffmpeg's AAC encoder puts before the first one it was given. */
const PRIMING_SAMPLES = 1024
/** Sound is cut to segments at these steps, in s; short beside any segment. */
const SOUND_STEP_S = 0.2
/** Silence after sound that ends before its pictures, in s. */
const SOUND_AFTER_S = 2
/** Instants that only rounding puts before their key frame, in s. */
const ROUNDING_S = 0.001
const QUALITY = '21'

/**
 * One decode of a stored file into every track of a ladder, each a fragmented MP4 that begins at 0: a constant frame rate,
 * closed GOPs whose key frames lie at the same instants in every rung, sound at least as long as the pictures.
 */
export function vodLadder(ladder: VodLadder, source: VodSource, pathOf: (track: string) => string): MediaCommand {
  const { rungs, audio } = ladder
  return {
    inputs: [pinnedFile(source.container, source.path, source.longestS)],
    filter: [pictureGraph(ladder), ...(audio === undefined ? [] : [soundGraph(source)])].join(';'),
    outputs: [
      ...rungs.map(rung => picture(ladder, rung, pathOf(rung.name))),
      ...(audio === undefined ? [] : [sound(audio, pathOf(SOUND_TRACK))]),
    ],
  }
}

function rateOf({ frameRate: { numerator, denominator } }: VodLadder): string {
  return `${numerator}/${denominator}`
}

function pictureGraph(ladder: VodLadder): string {
  const { rungs } = ladder
  const parts = rungs.map(({ name }) => `[${name}-in]`).join('')
  const scales = rungs.map(
    ({ name, width, height }) => `[${name}-in]scale=${width}:${height}:flags=bicubic,setsar=1[${name}]`,
  )
  // From 0 on, with the first picture held until its own time, so that picture and sound agree.
  return [`[0:v:0]fps=${rateOf(ladder)}:start_time=0,split=${rungs.length}${parts}`, ...scales].join(';')
}

function soundGraph({ durationS }: VodSource): string {
  const silence =
    durationS === undefined ? `pad_dur=${SOUND_AFTER_S}` : `whole_dur=${(durationS + SOUND_AFTER_S).toFixed(3)}`
  // Holes become silence. What is cut off at the start is as long as the encoder's priming, which so lies at 0.
  return [
    `[0:a:0]aresample=${SOUND_RATE}:async=1:first_pts=0`,
    `apad=${silence}`,
    `atrim=start=${(PRIMING_SAMPLES / SOUND_RATE).toFixed(6)}`,
    `asetpts=PTS-STARTPTS+${PRIMING_SAMPLES}[${SOUND_TRACK}]`,
  ].join(',')
}

function picture(ladder: VodLadder, { name, bitrateKbps }: VodLadder['rungs'][number], path: string): MediaFile {
  const { frameRate, gopS } = ladder
  const group = String(Math.ceil((gopS * frameRate.numerator) / frameRate.denominator))
  return {
    path,
    options: [
      ['-map', `[${name}]`, '-fps_mode', 'cfr', '-r', rateOf(ladder)],
      ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-crf', QUALITY],
      ['-maxrate', `${bitrateKbps}k`, '-bufsize', `${VBV_S * bitrateKbps}k`],
      // No B-frames: clips are cut from these segments without decoding them, in the order of their bytes.
      ['-g', group, '-keyint_min', group, '-sc_threshold', '0', '-bf', '0', '-flags', '+cgop'],
      // By time, not by count, so that fractional rates do not drift from the segments' grid.
      ['-force_key_frames', `expr:gte(t+${ROUNDING_S},n_forced*${gopS})`],
      ['-video_track_timescale', '90000', '-map_metadata', '-1'],
      ['-movflags', '+cmaf+empty_moov+default_base_moof+frag_keyframe', '-f', 'mp4'],
    ].flat(),
  }
}

function sound({ bitrateKbps, channels }: NonNullable<VodLadder['audio']>, path: string): MediaFile {
  return {
    path,
    options: [
      ['-map', `[${SOUND_TRACK}]`, '-c:a', 'aac', '-b:a', `${bitrateKbps}k`],
      ['-ar', String(SOUND_RATE), '-ac', String(channels), '-map_metadata', '-1'],
      ['-movflags', '+cmaf+empty_moov+default_base_moof', '-frag_duration', String(SOUND_STEP_S * 1_000_000)],
      ['-f', 'mp4'],
    ].flat(),
  }
}
