import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { FlvReader } from '#shared/media/flv/flv-reader.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'

const run = promisify(execFile)
const BYTES_MAX = 32 * 1024 * 1024

export type FlvClip = {
  size?: string
  fps?: string
  seconds?: number
  /** Key frame distance in frames. */
  gop?: number
  sound?: boolean
  /** Further ffmpeg output arguments, such as codecs. */
  extra?: readonly string[]
}

/** A short clip of a test picture and a tone as a publisher would send it: H.264 and AAC in FLV tags, made by ffmpeg. */
export async function flvClip(clip: FlvClip = {}): Promise<FlvTag[]> {
  const { size = '320x180', fps = '30', seconds = 3, gop = 60, sound = true, extra = [] } = clip
  const args = [
    ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}`],
    sound ? ['-f', 'lavfi', '-i', 'sine=r=48000', '-c:a', 'aac', '-ac', '2'] : [],
    ['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(gop)],
    extra,
    ['-f', 'flv', 'pipe:1'],
  ].flat()
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: BYTES_MAX })
  return new FlvReader().push(stdout)
}
