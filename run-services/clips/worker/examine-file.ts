import { readFile } from 'node:fs/promises'
import { Refusal } from '#shared/domain/refusal.ts'
import { jpegSize } from '#shared/media/clip/jpeg-size.ts'
import type { ProbedMedia } from '#shared/media/ffmpeg-arguments/read-ffprobe-report.ts'
import { probeMedia } from '#shared/media-sandbox/probe-media.ts'
import { workerSandbox } from './media-run.ts'

/** What a video file must be. */
export type VideoFacts = {
  width: number
  height: number
  durationS: number
  /** Undefined where the file holds a part of the clip: as many as begin in it. */
  frames: number | undefined
  audio: boolean
}

/** How far a duration may be off, in s: the last frame's own is not in the stream. */
const DURATION_SLACK_S = 0.02
/** The same for a part of the clip, which ends with the frame that begins in it. */
const PART_SLACK_S = 0.1

/**
 * Reads a made video as a stranger's and compares it with what it was to be; gives its frames and duration. One that is
 * something else is the refusal `media.rejected`: its cut is damaged, and the next try would be the same.
 */
export async function examineVideo(
  path: string,
  expected: VideoFacts,
  signal: AbortSignal,
): Promise<{ frames: number; durationS: number }> {
  const { streams } = await readable(path, signal)
  const video = streams.find(({ kind }) => kind === 'video')
  const audio = streams.find(({ kind }) => kind === 'audio')
  if (video?.kind !== 'video' || video.codec !== 'h264') throw differs('It has no H.264 picture.')
  if (video.width !== expected.width || video.height !== expected.height) {
    throw differs(`It is ${video.width} x ${video.height}, not ${expected.width} x ${expected.height}.`)
  }
  if ((audio?.codec === 'aac') !== expected.audio) throw differs('Its sound is not what the cut has.')
  const { frames = 0, durationS = 0 } = video
  if (frames < 1 || (expected.frames !== undefined && frames !== expected.frames)) {
    throw differs(`It has ${frames} frames, not ${expected.frames ?? 'any'}.`)
  }
  const slackS = expected.frames === undefined ? PART_SLACK_S : DURATION_SLACK_S
  if (Math.abs(durationS - expected.durationS) > slackS) {
    throw differs(`It lasts ${durationS} s, not ${expected.durationS} s.`)
  }
  return { frames, durationS }
}

/** What ffmpeg just wrote and nobody can read is the fault of a disk or a kill, not of the cut: worth another try. */
async function readable(path: string, signal: AbortSignal): Promise<ProbedMedia> {
  try {
    return await probeMedia(await workerSandbox(), { path }, { signal })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Error('A rendered file cannot be read.', { cause: error })
  }
}

/** The same for a picture. */
export async function examinePicture(path: string, expected: { width: number; height: number }): Promise<void> {
  const size = jpegSize(await readFile(path))
  if (size?.width !== expected.width || size.height !== expected.height) {
    throw differs(`It is no whole JPEG of ${expected.width} x ${expected.height}.`)
  }
}

function differs(what: string): Refusal {
  return new Refusal('media.rejected', { detail: `A rendered file is not what the cut promises. ${what}` })
}
