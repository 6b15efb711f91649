import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#local/supervisor/free-port.ts'

export type Platform = AsyncDisposable & {
  readonly apiUrl: string
  readonly mediaUrl: string
  readonly rtmpUrl: string
  readonly dataDir: string
  readonly process: ChildProcess
  /** Everything it printed. */
  log(): string
  /** Process id of a child's running incarnation. */
  childPid(name: 'control' | 'live' | 'worker' | `worker-${number}`): Promise<number>
  token(sub: string, roles?: readonly string[]): Promise<string>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export type PlatformForm = 'embedded' | 'emulators'

export type PlatformOptions = {
  /** What it stands on; `PLATFORM_ON` runs any journey on another form than its own. */
  on?: PlatformForm
  env?: Record<string, string>
  /** Reuses a data directory; it is then kept on dispose. */
  dataDir?: string
  /** Reuses ports, for a restart at the same addresses. */
  ports?: PlatformPorts
}
export type PlatformPorts = { PORT: string; MEDIA_PORT: string; RTMP_PORT: string }

/** Longest a start may take before the test fails, in ms; generous because two cores run everything. */
const READY_MS_MAX = 180_000

async function freePorts(): Promise<PlatformPorts> {
  const [api, media, rtmp] = [await freePort(), await freePort(), await freePort()]
  return { PORT: String(api), MEDIA_PORT: String(media), RTMP_PORT: String(rtmp) }
}

function untilReady(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Not ready in time:\n${log()}`)), READY_MS_MAX)
    const look = () => {
      if (!/^ready\b/mu.test(log())) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', look)
    child.once('exit', code => {
      clearTimeout(timer)
      reject(new Error(`The platform ended with code ${code}:\n${log()}`))
    })
  })
}

/** Starts the whole platform as `npm start` does, on free ports and a directory of its own, without the demo show. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'showreel-')))
  const ports = options.ports ?? (await freePorts())
  const on = options.on ?? process.env['PLATFORM_ON'] ?? 'embedded'
  const kept = on === 'embedded' ? dataDir : join(dataDir, `on-${on}`)
  const child = spawn(process.execPath, ['local/main.ts', '--on', on], {
    env: { ...process.env, DEMO: 'off', DATA_DIR: dataDir, LOG_LEVEL: 'info', ...ports, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const log = () => text
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  await untilReady(child, log)

  const apiUrl = `http://127.0.0.1:${ports.PORT}`
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    return exited
  }
  return {
    apiUrl,
    mediaUrl: `http://127.0.0.1:${ports.MEDIA_PORT}`,
    rtmpUrl: `rtmp://127.0.0.1:${ports.RTMP_PORT}/live`,
    dataDir: kept,
    process: child,
    log,
    childPid: async name => Number(await readFile(join(kept, 'run', `${name}.pid`), 'utf8')),
    token: async (sub, roles = ['creator']) => {
      const response = await fetch(`${apiUrl}/dev/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sub, roles }),
      })
      const { token } = (await response.json()) as { token: string }
      return token
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
