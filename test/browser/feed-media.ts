import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ENCODE_MS_MAX = 60_000
const SECONDS = 3

/** Colours of the clips, so that a test sees whose picture is on screen. */
export const CLIP_COLOURS = ['#c02040', '#2060c0', '#209050'] as const

/** Encodes a vertical clip, a wide one and a picture of every colour into `directory`, once. */
export async function encodeFeedMedia(directory: string): Promise<void> {
  if ((await readdir(directory)).includes('poster-0.jpg')) return
  for (const [index, colour] of CLIP_COLOURS.entries()) {
    await encode(directory, `vertical-${index}.mp4`, '216x384', colour)
    await encode(directory, `clip-${index}.mp4`, '384x216', colour)
    const poster = ['-v', 'error', '-y', '-i', `clip-${index}.mp4`, '-frames:v', '1', `poster-${index}.jpg`]
    await run('ffmpeg', poster, { cwd: directory, timeout: ENCODE_MS_MAX })
  }
}

async function encode(directory: string, name: string, size: string, colour: string): Promise<void> {
  const picture = `color=c=${colour}:s=${size}:r=30,drawgrid=w=54:h=54:t=1:c=white@0.25,drawbox=x='mod(t*60\\,w)':y=ih/4:w=24:h=24:c=white:t=fill`
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000']
  const outputs = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30 -c:a aac -b:a 64k -movflags +faststart'
  await run('ffmpeg', ['-v', 'error', '-y', ...inputs, '-t', `${SECONDS}`, ...outputs.split(' '), name], {
    cwd: directory,
    timeout: ENCODE_MS_MAX,
  })
}

/** A file of one colour; colours repeat. */
export async function feedMediaFile(directory: string, name: string, index: number): Promise<Uint8Array<ArrayBuffer>> {
  const [base = '', kind = ''] = name.split('.')
  return new Uint8Array(await readFile(join(directory, `${base}-${index % CLIP_COLOURS.length}.${kind}`)))
}
