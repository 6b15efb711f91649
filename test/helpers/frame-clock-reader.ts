import { spawn } from 'node:child_process'
import { CODE_COLUMNS, CODE_STRIP_SHARE, decodeFrameNumber } from '#shared/media/marked/frame-clock.ts'

/** One decoded picture: its time in the media (s) and its frame number, undefined when no whole code is in it. */
export type ReadFrame = { ptsS: number; frame: number | undefined }

/** Longest a file may take to decode, in ms. */
const DECODE_MS_MAX = 120_000

async function outputs(args: readonly string[], stdin?: Uint8Array): Promise<{ out: Buffer; err: string }> {
  const child = spawn('ffmpeg', ['-hide_banner', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: DECODE_MS_MAX,
    killSignal: 'SIGKILL',
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  // A decoder that has seen enough closes its end early.
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const log = Buffer.concat(err).toString('utf8')
  if (code !== 0) throw new Error(`ffmpeg ended with ${String(code)}: ${log.slice(-2_000)}`)
  return { out: Buffer.concat(out), err: log }
}

/**
 * Every picture of a marked video in presentation order. `media` is a path or URL, or the bytes themselves (init and
 * fragments, a transport stream). Throws when ffmpeg cannot decode it.
 */
export async function readFrameNumbers(media: string | Uint8Array): Promise<ReadFrame[]> {
  const strip = `crop=iw:ih*${CODE_STRIP_SHARE / 2}:0:ih*${CODE_STRIP_SHARE / 4}`
  const filter = `showinfo=checksum=0,${strip},scale=${CODE_COLUMNS}:2:flags=area,format=gray`
  const from = typeof media === 'string' ? media : 'pipe:0'
  const args = ['-i', from, '-map', '0:v:0', '-copyts', '-fps_mode', 'passthrough', '-vf', filter]
  const { out, err } = await outputs(
    [...args, '-f', 'rawvideo', 'pipe:1'],
    typeof media === 'string' ? undefined : media,
  )
  const times = [...err.matchAll(/ pts_time:(-?[\d.]+)/gu)].map(([, time]) => Number(time))
  const pictureBytes = CODE_COLUMNS * 2
  return times.slice(0, Math.floor(out.length / pictureBytes)).map((ptsS, index) => {
    const rows = out.subarray(index * pictureBytes, (index + 1) * pictureBytes)
    return { ptsS, frame: decodeFrameNumber(rows.subarray(0, CODE_COLUMNS)) }
  })
}

/** The sound of a media file as mono 48 kHz samples, −1 to 1, and the time (s) of the first. */
export async function readSamples(media: string | Uint8Array): Promise<{ startS: number; samples: Float32Array }> {
  const from = typeof media === 'string' ? media : 'pipe:0'
  const args = ['-i', from, '-map', '0:a:0', '-copyts', '-af', 'ashowinfo', '-ac', '1', '-ar', '48000']
  const { out, err } = await outputs([...args, '-f', 'f32le', 'pipe:1'], typeof media === 'string' ? undefined : media)
  const startS = Number(/ pts_time:(-?[\d.]+)/u.exec(err)?.[1] ?? 0)
  const bytes = out.buffer.slice(out.byteOffset, out.byteOffset + out.byteLength - (out.byteLength % 4))
  return { startS, samples: new Float32Array(bytes) }
}
