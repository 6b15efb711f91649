import { type ChildProcess, fork } from 'node:child_process'
import { expect, test } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { startLive } from '../helpers/live-process.ts'
import { providerEar } from '../helpers/provider-ear.ts'
import { storedWhole } from '../helpers/stored-segments.ts'

const WITHIN = { withinMs: 60_000 }
const SMALL = { width: 320, height: 180 }

type Encoder = AsyncDisposable & { port: number; log: () => string; kill: () => Promise<void> }

/** `run-services/live/worker.ts` as a machine runs it. */
async function startEncoder(port: number): Promise<Encoder> {
  const child: ChildProcess = fork('run-services/live/worker.ts', [], {
    env: { ...process.env, RELAY_PORT: String(port), LIVE_HOST: '127.0.0.1', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const ready = await new Promise<number>((resolve, reject) => {
    child.once('message', message => resolve((message as { ports: { relay: number } }).ports.relay))
    child.once('exit', () => reject(new Error(text)))
  })
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
  return { port: ready, log: () => text, kill, [Symbol.asyncDispose]: kill }
}

test('a show is encoded on another machine, and goes on when that machine is taken away', async () => {
  await using ear = await providerEar()
  await using encoder = await startEncoder(0)
  const env = { ENCODERS_HOST: '127.0.0.1', RELAY_PORT: String(encoder.port) }
  await using live = await startLive({ eventsUrl: ear.url, env })
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  const untilSegments = (count: number) =>
    eventually(
      () => ear.segments(ref),
      segments => expect(segments.length).toBeGreaterThanOrEqual(count),
      WITHIN,
    )
  await untilSegments(2)
  expect(encoder.log()).toContain('relay: encoder started')
  expect(live.log()).not.toContain('relay: encoder started')

  const stream = await live.stream(ref)
  await encoder.kill()
  await using another = await startEncoder(encoder.port)
  const before = ear.segments(ref).length
  await untilSegments(before + 2)
  expect(another.log()).toContain('relay: encoder started')
  await publisher.stop()
  await eventually(
    () => ear.names(ref),
    names => expect(names.at(-1)).toBe('Recording End'),
    WITHIN,
  )
  expect(ear.names(ref).filter(name => name === 'Stream Start')).toHaveLength(1)
  await storedWhole(live, ear, ref, stream?.stream_id ?? '')
})
