import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CutSource, cutClip } from '#shared/media/clip/cut-clip.ts'
import { BoxSplitter, concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { readSamples } from '#shared/media/isobmff/chunk-samples.ts'
import { readTrackHeader, sampleEntryOf } from '#shared/media/isobmff/track-header.ts'

const BYTES_MAX = 256 * 1024 * 1024
const run = promisify(execFile)

/** The instant cut of a file, as the service makes it, with what a render is told of it. */
export type MarkedCut = {
  bytes: Buffer
  duration_ms: number
  frames: number
  width: number
  height: number
  audio: boolean
}

/** Cuts [`fromMs`, `toMs`) out of a media file; without sound where asked. */
export async function cutOf(
  path: string,
  fromMs: number,
  toMs: number,
  options: { sound?: boolean } = {},
): Promise<MarkedCut> {
  const { sound = true } = options
  const video = await track(path, 'v')
  const audio = sound ? await track(path, 'a') : undefined
  const cut = cutClip([{ zeroAtMs: 0, video, audio }], { startMs: fromMs, endMs: toMs })
  if (cut === undefined) throw new Error('There is nothing in the range.')
  const { width, height } = video.header
  return {
    bytes: Buffer.from(concatBytes(cut.pieces)),
    duration_ms: cut.durationMs,
    frames: cut.frames,
    width,
    height,
    audio: sound,
  }
}

async function track(path: string, kind: 'v' | 'a'): Promise<CutSource> {
  const folder = mkdtempSync(join(tmpdir(), 'showreel-track-'))
  try {
    const file = join(folder, `${kind}.mp4`)
    const cmaf = ['-movflags', '+cmaf+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '200000']
    const map = ['-map', `0:${kind}:0`, '-c', 'copy', '-video_track_timescale', '90000']
    await run('ffmpeg', ['-v', 'error', '-i', path, ...map, ...cmaf, '-f', 'mp4', file])
    const boxes = new BoxSplitter(BYTES_MAX).push(readFileSync(file))
    const of = (...types: string[]) =>
      concatBytes(boxes.filter(({ type }) => types.includes(type)).map(({ bytes }) => bytes))
    const header = readTrackHeader(of('moov'))
    const samples = boxes.flatMap(({ type, bytes }, index) =>
      type === 'moof' ? readSamples(concatBytes([bytes, boxes[index + 1]?.bytes ?? new Uint8Array()]), header) : [],
    )
    return { header, sampleEntry: sampleEntryOf(of('ftyp', 'moov')), samples }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
