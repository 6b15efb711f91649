import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { runMediaCommand } from '#shared/media-sandbox/run-media-command.ts'
import { FlvReader } from '#shared/media/flv/flv-reader.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import type { Container } from '#shared/media/ffmpeg-arguments/pinned-input.ts'
import { frameStrips, markedMediaCommand } from '#shared/media/marked/marked-media-command.ts'
import { frameNumbers, readFramesCommand } from '#shared/media/marked/read-frames-command.ts'

/** Media that says what it is: its tags, and the frame that a video tag of a timestamp shows. */
export type MarkedFootage = { tags: readonly FlvTag[]; frameAt(timestampMs: number): number }

/** Small, so that a machine of one core can encode it while it publishes. */
const SHAPE = { width: 640, height: 360, fps: 30, gopS: 2 } as const
const ENCODE_MS_MAX = 120_000
const DECODE_MS_MAX = 60_000
const CLIP_S_MAX = 60

/** Where the footage is made and looked at: a directory of its own, and the way to start ffmpeg. */
export type Workshop = { sandbox: Sandbox; directory: string; signal: AbortSignal }

/** Makes footage of that many seconds; throws when ffmpeg cannot. */
export async function makeMarkedFootage(workshop: Workshop, seconds: number): Promise<MarkedFootage> {
  const { sandbox, directory, signal } = workshop
  const shape = { ...SHAPE, seconds }
  await writeFile(join(directory, 'strips.gray'), frameStrips(shape.fps * seconds))
  await runMediaCommand({
    sandbox,
    inDirectory: directory,
    outDirectory: directory,
    command: paths => markedMediaCommand(shape, join(paths.in, 'strips.gray'), join(paths.out, 'footage.flv')),
    timeoutMs: ENCODE_MS_MAX,
    signal,
  })
  const tags = new FlvReader().push(await readFile(join(directory, 'footage.flv')))
  const firstMs = tags.find(tag => tag.kind === 'video' && readVideoTag(tag.body)?.packet === 'frame')?.timestampMs ?? 0
  return { tags, frameAt: timestampMs => Math.round(((timestampMs - firstMs) * SHAPE.fps) / 1_000) }
}

/** The numbers of every picture in these bytes, in order; throws when they cannot be decoded or one is torn. */
export async function readFootage(
  { sandbox, directory, signal }: Workshop,
  bytes: Uint8Array,
  container: Container,
): Promise<number[]> {
  await writeFile(join(directory, 'seen.media'), bytes)
  await runMediaCommand({
    sandbox,
    inDirectory: directory,
    outDirectory: directory,
    command: paths =>
      readFramesCommand(container, join(paths.in, 'seen.media'), CLIP_S_MAX, join(paths.out, 'seen.gray')),
    timeoutMs: DECODE_MS_MAX,
    signal,
  })
  const numbers = frameNumbers(await readFile(join(directory, 'seen.gray')))
  return numbers.map((number, index) => {
    if (number === undefined) throw new Error(`Picture ${index} of what was seen is none of ours, or torn.`)
    const before = numbers[index - 1]
    if (before !== undefined && number !== before + 1) {
      throw new Error(`Of what was seen, frame ${number} follows frame ${before}.`)
    }
    return number
  })
}
