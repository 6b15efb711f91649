import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { Refusal } from '#shared/domain/refusal.ts'
import { eventually } from '../../test/helpers/eventually.ts'
import { detectSandbox, type Sandbox } from './detect-sandbox.ts'
import { probeMedia } from './probe-media.ts'
import { FILE_LIMITS, runSandboxed } from './run-sandboxed.ts'
import { LIVE_LIMITS, sandboxCommand } from './sandbox-command.ts'
import { spawnSandboxed } from './spawn-sandboxed.ts'
import { transcodeFile } from './transcode-file.ts'

const QUIET = ['-v', 'error', '-nostdin']
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30']

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await detectSandbox()
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sandbox-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A second of picture and sound as MP4, made in the sandbox. */
async function someMp4(name = 'some.mp4'): Promise<string> {
  const path = await folder()
  const run = await runSandboxed({
    sandbox,
    tool: 'ffmpeg',
    outDirectory: path,
    timeoutMs: 20_000,
    args: paths => [...QUIET, ...PICTURE, '-f', 'lavfi', '-i', 'sine', '-t', '1', '-shortest', join(paths.out, name)],
  })
  expect(run).toMatchObject({ code: 0, stopped: undefined })
  return join(path, name)
}

/** Commands of every process whose arguments hold the mark. */
async function processesWith(mark: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const commands = await Promise.all(ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return commands.filter(command => command.includes(mark) && command.includes('ffmpeg'))
}

test('no ffmpeg is left behind when its parent is killed with -9', async () => {
  for (const level of [2, 1] as const) {
    if (level > sandbox.level) continue
    const mark = `orphan-${process.pid}-${level}`
    const script = `
      const { spawnSandboxed } = await import('#shared/media-sandbox/spawn-sandboxed.ts')
      const { LIVE_LIMITS } = await import('#shared/media-sandbox/sandbox-command.ts')
      const args = ${JSON.stringify([...QUIET, '-re', ...PICTURE, '-metadata', `title=${mark}`, '-f', 'null', '-'])}
      spawnSandboxed({ sandbox: { level: ${level}, sentence: '' }, tool: 'ffmpeg', args, limits: LIVE_LIMITS })
      setInterval(() => undefined, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
    onTestFinished(() => void parent.kill('SIGKILL'))
    await eventually(
      () => processesWith(mark),
      found => expect(found.some(each => each.startsWith('ffmpeg'))).toBe(true),
    )
    parent.kill('SIGKILL')
    await eventually(
      () => processesWith(mark),
      found => expect(found).toEqual([]),
    )
  }
})

test('inside, there are neither foreign files nor a network', async context => {
  context.skip(sandbox.level < 2, 'bubblewrap is missing or forbidden here')
  const secret = join(await folder(), 'secret.mp4')
  await writeFile(secret, await readFile(await someMp4()))
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.mp4`
  for (const input of [secret, '/etc/passwd', url]) {
    const run = await runSandboxed({
      sandbox,
      tool: 'ffmpeg',
      timeoutMs: 10_000,
      args: () => [...QUIET, '-i', input, '-f', 'null', '-'],
    })
    expect(run.code).not.toBe(0)
  }
  expect(connections).toBe(0)
})

test('the tool sees an empty environment', async context => {
  context.skip(sandbox.level < 2, 'bubblewrap is missing or forbidden here')
  const child = spawnSandboxed({
    sandbox,
    tool: 'ffmpeg',
    args: [...QUIET, '-re', ...PICTURE, '-f', 'null', '-'],
    limits: LIVE_LIMITS,
  })
  onTestFinished(() => child.kill())
  const environment = await eventually(() => environmentBelow(child.pid ?? 0))
  expect(environment).not.toMatch(/HOME=|USER=|npm_|NODE/)
})

/** The environment of the ffmpeg that runs somewhere below a process. */
async function environmentBelow(pid: number): Promise<string> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number)
  const name = await readFile(`/proc/${pid}/comm`, 'utf8')
  if (name.trim() === 'ffmpeg') return readFile(`/proc/${pid}/environ`, 'utf8')
  const found = await Promise.all(children.map(environmentBelow))
  return found.find(text => text !== '') ?? ''
}

test('a run is stopped by the wall clock, by CPU time and by abort', async () => {
  const endless = { sandbox, tool: 'ffmpeg' as const, args: () => [...QUIET, '-re', ...PICTURE, '-f', 'null', '-'] }
  expect(await runSandboxed({ ...endless, timeoutMs: 300 })).toMatchObject({ stopped: 'timeout' })
  const stop = new AbortController()
  const aborted = runSandboxed({ ...endless, timeoutMs: 10_000, signal: stop.signal })
  stop.abort()
  expect(await aborted).toMatchObject({ stopped: 'aborted' })
  if (sandbox.level === 0) return
  const busy = ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=s=1280x720', '-f', 'null', '-']
  const run = await runSandboxed({
    ...endless,
    args: () => busy,
    limits: { ...FILE_LIMITS, cpuS: 1 },
    timeoutMs: 30_000,
  })
  expect(run.stopped).toBeUndefined()
  expect(run.code).not.toBe(0)
})

test('a probe tells size, rate and length, of a file and of bytes', async () => {
  const path = await someMp4()
  const read = await probeMedia(sandbox, { path })
  expect(read.streams).toMatchObject([
    { kind: 'video', codec: 'h264', width: 320, height: 180, fps: 30 },
    { kind: 'audio', codec: 'aac', sampleRate: 44_100, channels: 1 },
  ])
  expect(read.durationS).toBeCloseTo(1, 0)
  const matroska = await runSandboxed({
    sandbox,
    tool: 'ffmpeg',
    outDirectory: join(path, '..'),
    timeoutMs: 20_000,
    args: paths => [...QUIET, ...PICTURE, '-t', '0.2', join(paths.out, 'some.mkv')],
  })
  expect(matroska.code).toBe(0)
  const bytes = new Uint8Array(await readFile(join(path, '..', 'some.mkv')))
  expect((await probeMedia(sandbox, { bytes })).streams).toMatchObject([{ kind: 'video', width: 320 }])
})

test('playlists, cut files and files without media are rejected by name', async () => {
  const path = await folder()
  const whole = await readFile(await someMp4())
  const bad: Record<string, Uint8Array> = {
    'playlist.mp4': Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n'),
    'concat.mp4': Buffer.from('ffconcat version 1.0\nfile /etc/passwd\n'),
    'cut.mp4': whole.subarray(0, 40),
    'empty.mp4': new Uint8Array(0),
  }
  for (const [name, bytes] of Object.entries(bad)) {
    await writeFile(join(path, name), bytes)
    await expect(probeMedia(sandbox, { path: join(path, name) })).rejects.toThrow(Refusal)
  }
})

test('a file is made whole or not at all', async () => {
  const input = await someMp4()
  const output = join(input, '..', 'out.flv')
  const common = { sandbox, input, container: 'mov' as const, output, timeoutMs: 20_000, nice: 15 }
  await transcodeFile({ ...common, args: ['-c', 'copy', '-f', 'flv'] })
  expect((await probeMedia(sandbox, { path: output })).streams).toHaveLength(2)
  const before = await readFile(output)
  await expect(transcodeFile({ ...common, args: ['-c:v', 'no-such-codec', '-f', 'flv'] })).rejects.toThrow(
    'no-such-codec',
  )
  expect(await readFile(output)).toEqual(before)
  expect((await readdir(join(input, '..'))).sort()).toEqual(['out.flv', 'some.mp4'])
})

test('a missing tool is an exit, not a crash', async () => {
  const path = join(await folder(), 'nothing')
  const run = await runSandboxed({ sandbox, tool: 'ffprobe', timeoutMs: 5_000, args: () => ['-i', path] })
  expect(run.code).not.toBe(0)
})

test('each level wraps the next: limits, then the lock, then what binds it to its parent', () => {
  const ask = { tool: 'ffmpeg' as const, args: ['-version'], limits: { ...LIVE_LIMITS, cpuS: 5 } }
  expect(sandboxCommand({ ...ask, level: 0 })).toEqual(['ffmpeg', '-version'])
  const one = sandboxCommand({ ...ask, level: 1 }).join(' ')
  expect(one).toMatch(
    /^setpriv --pdeathsig KILL --no-new-privs -- prlimit .*--as=2147483648.*--cpu=5 -- ffmpeg -version$/,
  )
  const two = sandboxCommand({ ...ask, level: 2, inDirectory: '/a', outDirectory: '/b', nice: 15 }).join(' ')
  expect(two).toMatch(/^nice -n 15 bwrap --unshare-all --die-with-parent /)
  expect(two).toContain('--ro-bind /a /in --bind /b /out')
})
