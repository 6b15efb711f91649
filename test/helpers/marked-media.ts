import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { FlvReader } from '#shared/media/flv/flv-reader.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import { frameStrips, markedMediaCommand } from '#shared/media/marked/marked-media-command.ts'

export type MarkedMediaOptions = {
  width?: number
  height?: number
  fps?: 24 | 25 | 30 | 60
  seconds?: number
  gopS?: number
}

/** An FLV whose frame n carries the number n and whose second k starts with a beep; encoded once, then published by copy. */
export type MarkedMedia = {
  readonly path: string
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly gopS: number
  readonly frames: number
  /** Its tags, from memory: nothing is read or encoded while something is measured. */
  readonly tags: readonly FlvTag[]
  /** The frame a video tag of this timestamp shows. */
  frameAt(timestampMs: number): number
}

/** Longest an encode may take, in ms. */
const ENCODE_MS_MAX = 300_000
const FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'marked-media')

async function encode(media: Required<MarkedMediaOptions>, file: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const unfinished = `${file}.${process.pid}.part`
  const { inputs, filter, outputs } = markedMediaCommand(media, 'pipe:0', unfinished)
  const args = [
    '-hide_banner',
    '-loglevel',
    'error',
    '-y',
    ...inputs.flatMap(input => [...input.options, '-i', input.path]),
    '-filter_complex',
    filter,
    ...outputs.flatMap(output => [...output.options, output.path]),
  ]
  const child = spawn('ffmpeg', args, {
    stdio: ['pipe', 'ignore', 'inherit'],
    timeout: ENCODE_MS_MAX,
  })
  const closed = once(child, 'close')
  // The encoder stops reading when it has its seconds.
  await pipeline(Readable.from([frameStrips(media.fps * media.seconds)]), child.stdin).catch(() => undefined)
  const [code] = (await closed) as [number | null]
  if (code !== 0) throw new Error(`Marked media could not be encoded (ffmpeg ended with ${String(code)}).`)
  renameSync(unfinished, file)
}

/** Marked media of this shape, from the cache or encoded now. 1280×720, 30 fps, 2 s GOP, 20 s unless told otherwise. */
export async function markedMedia(options: MarkedMediaOptions = {}): Promise<MarkedMedia> {
  const media = { width: 1280, height: 720, fps: 30 as const, seconds: 20, gopS: 2, ...options }
  const name = `${media.width}x${media.height}-${media.fps}fps-gop${media.gopS}-${media.seconds}s.flv`
  const path = join(FOLDER, name)
  if (!existsSync(path)) await encode(media, path)
  const tags = new FlvReader().push(readFileSync(path))
  const frames = tags.filter(tag => tag.kind === 'video' && readVideoTag(tag.body)?.packet === 'frame')
  const firstMs = frames[0]?.timestampMs ?? 0
  return {
    path,
    width: media.width,
    height: media.height,
    fps: media.fps,
    gopS: media.gopS,
    frames: frames.length,
    tags,
    frameAt: timestampMs => Math.round(((timestampMs - firstMs) * media.fps) / 1_000),
  }
}
