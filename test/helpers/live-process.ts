import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlaneChannelSettings, PlaneRecording, PlaneStream } from '#shared/domain/plane-api.ts'
import { planeChannel, planeCreatedKey } from '#shared/domain/plane-api.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { serviceCalls } from '#shared/service/service-call.ts'

export type LivePorts = { PLANE_PORT: string; MEDIA_PORT: string; RTMP_PORT: string }

export type LiveChannelUnderTest = { ref: string; playbackId: string; keyRef: string; rtmpUrl: string }

/** The media plane as a process of its own, as the supervisor starts it. */
export type LiveProcess = AsyncDisposable & {
  readonly dataDir: string
  readonly ports: LivePorts
  readonly process: ChildProcess
  /** Everything it logged. */
  log(): string
  /** A signed call of the control API. */
  call(method: string, path: string, body?: unknown): Promise<Response>
  channel(settings?: Partial<PlaneChannelSettings>): Promise<LiveChannelUnderTest>
  stream(ref: string): Promise<PlaneStream | undefined>
  recording(streamId: string): Promise<PlaneRecording | undefined>
  /** Bytes or text from the media origin. */
  media(path: string): Promise<Response>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
}

export type LiveOptions = { eventsUrl: string; dataDir?: string; ports?: LivePorts; env?: Record<string, string> }

const READY_MS_MAX = 30_000
const SETTINGS: PlaneChannelSettings = {
  name: 'Under test',
  latency_mode: 'low',
  dvr_window_s: 3_600,
  renditions_max: 3,
  reconnect_window_s: 20,
  record: true,
  enabled: true,
}

/** Starts `local/live.ts` on free ports and waits until it is ready. */
export async function startLive(options: LiveOptions): Promise<LiveProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'live-')))
  const ports = options.ports ?? { PLANE_PORT: '0', MEDIA_PORT: '0', RTMP_PORT: '0' }
  const child = fork('local/live.ts', [], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      EVENTS_URL: options.eventsUrl,
      LOG_LEVEL: 'info',
      ...ports,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const log = () => text
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  const ready = await untilReady(child, log)
  const calls = serviceCalls({
    key: await directorySecrets(join(dataDir, 'secrets')).get('service-calls'),
    issuer: 'showreel-local',
    now: Date.now,
  })

  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const authorization = `Bearer ${await calls.sign('live', 'channels')}`
    return fetch(`http://127.0.0.1:${ready.PLANE_PORT}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }
  async function maybe<T>(path: string): Promise<T | undefined> {
    const response = await call('GET', path)
    return response.status === 404 ? undefined : ((await response.json()) as T)
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return exited
  }

  return {
    dataDir,
    ports: ready,
    process: child,
    log,
    call,
    async channel(settings = {}) {
      const token = `token-${Math.random()}`
      const created = await call('POST', '/plane/channels', { token, settings: { ...SETTINGS, ...settings } })
      const { ref, playback_id: playbackId } = planeChannel.parse(await created.json())
      const made = await call('POST', `/plane/channels/${ref}/keys`, { token: 'key-token' })
      const { key_ref: keyRef, secret } = planeCreatedKey.parse(await made.json())
      return { ref, playbackId, keyRef, rtmpUrl: `rtmp://127.0.0.1:${ready.RTMP_PORT}/live/${secret}` }
    },
    stream: ref => maybe(`/plane/channels/${ref}/stream`),
    recording: streamId => maybe(`/plane/recordings/${streamId}`),
    media: path => fetch(`http://127.0.0.1:${ready.MEDIA_PORT}${path}`),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    async [Symbol.asyncDispose]() {
      await end('SIGTERM')
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function untilReady(child: ChildProcess, log: () => string): Promise<LivePorts> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Not ready in time:\n${log()}`)), READY_MS_MAX)
    child.on('message', (message: { type: string; ports?: Record<string, number>; sentence?: string }) => {
      clearTimeout(timer)
      if (message.type === 'refused') return reject(new Error(message.sentence))
      const { plane, media, rtmp } = message.ports ?? {}
      return resolve({ PLANE_PORT: String(plane), MEDIA_PORT: String(media), RTMP_PORT: String(rtmp) })
    })
    child.once('exit', code => {
      clearTimeout(timer)
      reject(new Error(`It ended with code ${code}:\n${log()}`))
    })
  })
}
