/**
 * `npm run canary`: one synthetic show through the whole platform, its hops in milliseconds against their budgets. Exit
 * code 1 when one breaks its budget or does not come.
 *
 * It takes the platform that runs here, or starts one of its own; `-- --on emulators` starts one on the vendors' emulators,
 * `-- --url https://…` takes a deployment (`CANARY_TOKEN` then says who asks).
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision, PROGRAMS_TO_RUN } from './provision.ts'
import { localSettings } from './settings.ts'
import { freePort } from './supervisor/free-port.ts'

type Target = { url: URL; stop: () => Promise<void> }

const READY_MS_MAX = 180_000
const ASK_MS_MAX = 2_000

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

/** The platform of a machine that is ready at that address, if one is. */
async function running(url: URL): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(ASK_MS_MAX) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/** Starts a platform of its own, in a directory that is gone afterwards. */
async function ownPlatform(on: string): Promise<Target> {
  const dataDir = mkdtempSync(join(tmpdir(), 'showreel-canary-'))
  const port = await freePort()
  const child = spawn(process.execPath, ['local/main.ts', '--on', on], {
    env: {
      ...process.env,
      PORT: String(port),
      MEDIA_PORT: String(await freePort()),
      RTMP_PORT: String(await freePort()),
      DATA_DIR: dataDir,
      DEMO: 'off',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(dataDir, { recursive: true, force: true })
  }
  process.stdout.write(`Starting a platform of its own (${on}) …\n`)
  let said = ''
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The platform was not ready in time.\n${said}`)), READY_MS_MAX)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (!/^ready\b/mu.test(said)) return
      clearTimeout(timer)
      resolve()
    })
    child.once('close', () => {
      clearTimeout(timer)
      reject(new Error(`The platform did not start.\n${said}`))
    })
  })
  try {
    await ready
  } catch (error) {
    await stop()
    throw error
  }
  return { url: new URL(`http://127.0.0.1:${port}`), stop }
}

async function target(): Promise<Target> {
  const [url, on] = [option('--url'), option('--on')]
  if (url !== undefined) return { url: new URL(url), stop: async () => undefined }
  const here = new URL(`http://127.0.0.1:${localSettings.read(process.env).port}`)
  if (on === undefined && (await running(here))) return { url: here, stop: async () => undefined }
  return await ownPlatform(on ?? 'embedded')
}

/** A machine's own issuer gives anybody a token; a deployment's does not. */
async function tokenOf(url: URL): Promise<string> {
  const given = process.env['CANARY_TOKEN']
  if (given !== undefined) return given
  const response = await fetch(new URL('/dev/token', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: 'canary', roles: ['creator', 'canary'] }),
  })
  if (!response.ok) throw new Error(`${url.origin} gives no tokens: set CANARY_TOKEN to one with the role canary.`)
  return ((await response.json()) as { token: string }).token
}

async function main(): Promise<number> {
  await provision(PROGRAMS_TO_RUN)
  const { url, stop } = await target()
  try {
    process.stdout.write(`A synthetic show on ${url.origin} …\n`)
    const child = spawn(process.execPath, ['run-services/canary/show/main.ts'], {
      env: { ...process.env, PUBLIC_URL: url.href, CANARY_TOKEN: await tokenOf(url), LOG_LEVEL: 'error' },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    process.once('SIGINT', () => child.kill('SIGTERM'))
    return await new Promise<number>(resolve => child.once('close', code => resolve(code ?? 1)))
  } finally {
    await stop()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
