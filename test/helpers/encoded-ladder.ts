import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { liveLadder } from '#shared/media/ffmpeg-arguments/live-ladder.ts'
import { BoxSplitter, concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { LIVE_LIMITS } from '#shared/media-sandbox/sandbox-command.ts'
import { spawnSandboxed } from '#shared/media-sandbox/spawn-sandboxed.ts'

const run = promisify(execFile)
const SOURCE_BYTES_MAX = 64 * 1024 * 1024

/** Bytes of one track as they came out of the encoder. */
export type EncodedPiece = { track: number; bytes: Uint8Array }

/** A small ladder: two pictures and, if wanted, a sound. */
export function smallPlan(fps: number, options: { sound?: boolean; partMs?: number } = {}): LadderPlan {
  const { sound = true, partMs = 200 } = options
  return {
    fps,
    gopS: 2,
    partFrames: Math.max(1, Math.round((partMs * fps) / 1000)),
    tracks: [
      { kind: 'video', name: '180p', width: 320, height: 180, bitrateKbps: 300 },
      { kind: 'video', name: '90p', width: 160, height: 90, bitrateKbps: 150 },
      ...(sound ? [{ kind: 'audio', name: 'audio', bitrateKbps: 96, sampleRate: 48_000, channels: 2 } as const] : []),
    ],
    omitted: [],
  }
}

/** Runs the product's own ladder over a test picture of that length, as fast as it goes; one piece a chunk, in order of media time. */
export async function encodedLadder(plan: LadderPlan, seconds: number): Promise<EncodedPiece[]> {
  const source = await testSource(plan, seconds)
  const encoder = spawnSandboxed({
    sandbox: await detectSandbox(),
    tool: 'ffmpeg',
    args: liveLadder(plan),
    limits: LIVE_LIMITS,
    outputPipes: plan.tracks.length,
  })
  const tracks = encoder.outputs.map(output => {
    const read: Buffer[] = []
    output.on('data', (bytes: Buffer) => read.push(bytes))
    return read
  })
  encoder.stdin.end(source)
  const { code } = await encoder.exited
  if (code !== 0) throw new Error(`The encoder failed: ${encoder.stderrTail()}`)
  return inMediaOrder(tracks.map(read => chunksOf(Buffer.concat(read))))
}

/** An encoder's output as it is flushed: up to and with each `mdat`. */
function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let pending: Uint8Array[] = []
  for (const box of new BoxSplitter(SOURCE_BYTES_MAX).push(bytes)) {
    pending.push(box.bytes)
    if (box.type === 'moof') continue
    chunks.push(concatBytes(pending))
    pending = []
  }
  return chunks
}

/** Tracks take turns as they do in a live run, whatever order the pipes were read in. */
function inMediaOrder(tracks: readonly Uint8Array[][]): EncodedPiece[] {
  const longest = Math.max(...tracks.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) =>
    tracks.flatMap((chunks, track) => {
      const bytes = chunks[index]
      return bytes === undefined ? [] : [{ track, bytes }]
    }),
  ).flat()
}

async function testSource(plan: LadderPlan, seconds: number): Promise<Buffer> {
  const hasSound = plan.tracks.some(({ kind }) => kind === 'audio')
  const args = [
    ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', `testsrc2=s=320x180:r=${plan.fps}:d=${seconds}`],
    hasSound ? ['-f', 'lavfi', '-i', `sine=r=48000:d=${seconds}`, '-c:a', 'aac', '-ac', '2'] : [],
    ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(Math.round(plan.fps * 2))],
    ['-f', 'flv', 'pipe:1'],
  ].flat()
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: SOURCE_BYTES_MAX })
  return stdout
}
