import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { startPlatform } from '../helpers/platform.ts'
import { descendants, isAlive } from '../helpers/process-tree.ts'
import { freePort } from '#local/supervisor/free-port.ts'

const WITHIN = { withinMs: 60_000 }

/** Starts the platform where it cannot start; gives its exit code and its words. */
async function refusedStart(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'showreel-'))
  try {
    const ports = { PORT: '0', MEDIA_PORT: '0', RTMP_PORT: '0' }
    const child = spawn(process.execPath, ['local/main.ts'], {
      env: { ...process.env, DEMO: 'off', DATA_DIR: dataDir, ...ports, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    return { code, said }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

test('a port in use is refused by number, with the setting that changes it', async () => {
  const server = createServer()
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, () => resolve()))
  const { code, said } = await refusedStart({ RTMP_PORT: String(port) })
  server.close()
  expect(code).toBe(1)
  expect(said).toContain(`RTMP_PORT=${port}`)
  expect(said).not.toContain('    at ')
})

test('settings that do not fit are refused all at once', async () => {
  const { code, said } = await refusedStart({ PORT: 'eighty', DEMO: 'perhaps' })
  expect(code).toBe(1)
  expect(said).toMatch(/PORT: .*DEMO: /u)
})

test.runIf(process.getuid?.() !== 0 || process.platform === 'linux')(
  'a machine without ffmpeg is told the one command to type',
  async () => {
    const { code, said } = await refusedStart({ PATH: dirname(process.execPath) })
    expect(code).toBe(1)
    expect(said).toMatch(/lacks ffmpeg .*Type: (?:sudo apt-get|brew) .*install .*ffmpeg/u)
  },
)

test('SIGTERM ends everything that was started, with code 0', async () => {
  await using platform = await startPlatform()
  const started = await descendants(platform.process.pid ?? 0)
  expect(await platform.stop()).toBe(0)
  expect(started.filter(isAlive)).toEqual([])
})

test('kill -9 of the supervisor under a live show leaves nothing running and loses no segment', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'showreel-'))
  const ports = {
    PORT: String(await freePort()),
    MEDIA_PORT: String(await freePort()),
    RTMP_PORT: String(await freePort()),
  }
  try {
    const first = await startPlatform({ dataDir, ports })
    const alice = await creatorClient(first)
    const channel = await alice.createChannel({ reconnect_window_s: 60 })
    const publisher = ffmpegPublisher(publishUrl(first, channel), { width: 320, height: 180 })
    const stream = await eventually(
      () => alice.liveStream(channel.id),
      found => expect(found).toBeDefined(),
      WITHIN,
    )
    if (stream === undefined) throw new Error('No stream went live.')
    await eventually(
      () => alice.ledger(stream.id),
      ({ indexed }) => expect(indexed).toBeGreaterThanOrEqual(2),
      WITHIN,
    )
    const before = await alice.ledger(stream.id)
    const started = await descendants(first.process.pid ?? 0)
    first.process.kill('SIGKILL')
    await eventually(
      () => started.filter(isAlive),
      alive => expect(alive).toEqual([]),
      WITHIN,
    )
    await publisher.ended

    await using second = await startPlatform({ dataDir, ports })
    const back = await creatorClient(second)
    await back.complete(stream.id)
    await eventually(
      () => back.stream(stream.id),
      ({ state }) => expect(state).toBe('archived'),
      WITHIN,
    )
    const after = await eventually(
      () => back.ledger(stream.id),
      ({ off }) => expect(off).toBe(0),
      WITHIN,
    )
    expect(after.indexed).toBeGreaterThanOrEqual(before.indexed)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
