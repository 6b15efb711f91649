import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ffmpeg from 'fluent-ffmpeg'
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { nowhere, pinnedFile, type MediaCommand } from '#shared/media/ffmpeg-arguments/media-command.ts'
import { renderCommand } from '#shared/media/clip/render-command.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { commandsBelow, isAlive } from '#test/helpers/process-tree.ts'
import { detectSandbox, type Sandbox } from './detect-sandbox.ts'
import { probeMedia } from './probe-media.ts'
import { runMediaCommand } from './run-media-command.ts'
import type { ToolPaths } from './run-sandboxed.ts'

const run = promisify(execFile)
const WRAPPER = join(import.meta.dirname, 'sandbox-wrapper.sh')

let sandbox: Sandbox
let inDirectory: string
let outDirectory: string
beforeAll(async () => {
  sandbox = await detectSandbox()
})
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'media-command-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  inDirectory = join(root, 'in')
  outDirectory = join(root, 'out')
  for (const path of [inDirectory, outDirectory]) mkdirSync(path)
  const sources = ['-f', 'lavfi', '-i', 'testsrc2=s=64x36:r=10:d=3', '-f', 'lavfi', '-i', 'sine=r=48000:d=3']
  execFileSync('ffmpeg', ['-v', 'error', ...sources, '-shortest', '-pix_fmt', 'yuv420p', join(inDirectory, 'cut.mp4')])
})

const start = (
  command: (paths: ToolPaths) => MediaCommand,
  options: Partial<Parameters<typeof runMediaCommand>[0]> = {},
) => runMediaCommand({ sandbox, inDirectory, outDirectory, timeoutMs: 30_000, command, ...options })

const endless = (paths: ToolPaths): MediaCommand => ({
  inputs: [pinnedFile('mov', join(paths.in, 'cut.mp4'), 3_600, ['-re', '-stream_loop', '-1'])],
  filter: '[0:v:0]null[v]',
  outputs: [nowhere('v')],
})

test('one command makes several files; a platform gets as much as it takes, to the frame', async () => {
  const region = { shape: 'square', crop: { width: 36, height: 36 } } as const
  const plan = (path: string) => ({
    cut: { path, durationS: 3, audio: true, width: 64, height: 36 },
    frames: [
      { name: 'whole', region, size: { width: 36, height: 36 } },
      { name: 'part', region, size: { width: 72, height: 72 }, longestS: 2 },
    ],
    crop: [{ atS: 0, center: 0.5 }],
    gainDb: 0,
  })
  await start(paths => renderCommand(plan(join(paths.in, 'cut.mp4')), name => join(paths.out, `${name}.mp4`)))
  const [whole, part] = await Promise.all(
    ['whole', 'part'].map(name => probeMedia(sandbox, { path: join(outDirectory, `${name}.mp4`) })),
  )
  expect(whole?.streams).toMatchObject([{ width: 36, frames: 30 }, { kind: 'audio' }])
  expect(part?.streams).toMatchObject([{ width: 72, frames: 20 }, { kind: 'audio' }])
  expect(part?.durationS).toBeLessThan(2.05)
}, 120_000)

test('an abort and the wall clock end it with everything it started', async () => {
  const stop = new AbortController()
  const encoders = () => commandsBelow(process.pid, 'ffmpeg')
  const running = start(endless, { signal: stop.signal }).catch((error: unknown) => error)
  await eventually(encoders, found => expect(found).toHaveLength(1))
  stop.abort(new Error('Enough.'))
  expect(await running).toMatchObject({ message: 'Enough.' })
  await eventually(encoders, found => expect(found).toEqual([]))
  await expect(start(endless, { timeoutMs: 500 })).rejects.toThrow('not done after 500 ms')
  await expect(start(endless, { signal: stop.signal })).rejects.toThrow('Enough.')
}, 120_000)

test('none is left behind when its worker is killed with -9', async () => {
  const script = `
    const { runMediaCommand } = await import('#shared/media-sandbox/run-media-command.ts')
    const [sandbox, inDirectory, outDirectory, command] = JSON.parse(process.argv[1])
    await runMediaCommand({ sandbox, inDirectory, outDirectory, timeoutMs: 60_000, command: () => command, nice: 15 })`
  const paths = sandbox.level === 2 ? { in: '/in', out: '/out' } : { in: inDirectory, out: outDirectory }
  const told = JSON.stringify([sandbox, inDirectory, outDirectory, endless(paths)])
  const worker = spawn(process.execPath, ['--input-type=module', '-e', script, told], { stdio: 'ignore' })
  onTestFinished(() => void worker.kill('SIGKILL'))
  const [encoder] = await eventually(
    () => commandsBelow(worker.pid ?? 0, 'ffmpeg'),
    found => expect(found).toHaveLength(1),
  )
  worker.kill('SIGKILL')
  await eventually(() => expect(isAlive(encoder ?? 0)).toBe(false))
}, 120_000)

test('an input sees neither other files nor the network, and a playlist is no media', async context => {
  context.skip(sandbox.level < 2, 'bubblewrap is missing or forbidden here')
  writeFileSync(join(inDirectory, 'list.mp4'), `#EXTM3U\n#EXTINF:1,\nfile://${join(inDirectory, 'cut.mp4')}\n`)
  for (const path of ['/in/list.mp4', join(inDirectory, 'cut.mp4'), 'http://127.0.0.1:9/cut.mp4']) {
    const command = () => ({ ...endless({ in: '/in', out: '/out' }), inputs: [pinnedFile('mov', path, 1)] })
    await expect(start(command)).rejects.toThrow()
  }
  expect(readdirSync(outDirectory)).toEqual([])
}, 120_000)

test('fluent-ffmpeg cannot start anything outside the sandbox by itself', async () => {
  const input = join(inDirectory, 'cut.mp4')
  const probed = promisify((done: (error: unknown) => void) => ffmpeg.ffprobe(input, done))()
  await expect(probed).rejects.toThrow(/64/u)
  for (const words of [['-i', input], [], ['-formats', '-i', input], ['-y']]) {
    await expect(run(WRAPPER, words)).rejects.toMatchObject({ code: 64 })
  }
  expect((await run(WRAPPER, ['-formats'])).stdout).toContain('mov')
})
