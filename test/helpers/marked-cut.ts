import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CutRun, type CutSource, cutClip } from '#shared/media/clip/cut-clip.ts'
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
  return cutOfRuns([{ zeroAtMs: 0, video, audio: sound ? await track(path, 'a') : undefined }], fromMs, toMs)
}

/** Cuts across a publisher that went after `awayAtMs` of one file and came back with all of another. */
export async function cutAcross(paths: readonly [string, string], awayAtMs: number, fromMs: number, toMs: number) {
  const runs = await Promise.all(
    paths.map(async (path, index) => {
      const until = ({ header, samples, sampleEntry }: CutSource): CutSource => {
        const kept = samples.filter(({ time }) => index > 0 || time / header.timescale < awayAtMs / 1000 - 0.001)
        return { header, sampleEntry, samples: kept }
      }
      const [video, audio] = await Promise.all([track(path, 'v'), track(path, 'a')])
      return { zeroAtMs: index * awayAtMs, video: until(video), audio: until(audio) }
    }),
  )
  return cutOfRuns(runs, fromMs, toMs)
}

function cutOfRuns(runs: readonly CutRun[], startMs: number, endMs: number): MarkedCut {
  const cut = cutClip(runs, { startMs, endMs })
  const header = runs[0]?.video.header
  if (cut === undefined || header === undefined) throw new Error('There is nothing in the range.')
  return {
    bytes: Buffer.from(concatBytes(cut.pieces)),
    duration_ms: cut.durationMs,
    frames: cut.frames,
    width: header.width,
    height: header.height,
    audio: runs.some(({ audio }) => audio !== undefined),
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
