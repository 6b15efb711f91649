import { resolve } from 'node:path'
import { SettingsError } from '#shared/service/settings.ts'
import { buildPages } from '#run-services/web/build-pages.ts'
import { type Addresses, childSpecs, type LocalChild } from './child-specs.ts'
import type { Emulators } from './on-emulators.ts'
import { provision, PROGRAMS_TO_RUN } from './provision.ts'
import { refuseTakenPorts } from './refuse-taken-ports.ts'
import { localSettings } from './settings.ts'
import { freePort } from './supervisor/free-port.ts'
import { claimRunDirectory, type RunDirectory } from './supervisor/run-directory.ts'
import { superviseChild, type SupervisedChild } from './supervisor/supervised-child.ts'
import { tickList } from './supervisor/tick-list.ts'
import { watchSources } from './supervisor/watch-sources.ts'
import { untilReady } from './until-ready.ts'

const PAGES_DIR = resolve('.cache/pages')
const list = tickList()

const ON = ['embedded', 'emulators']

/** What the platform stands on: `--on emulators`, or its embedded form. */
function wanted(): string {
  const at = process.argv.indexOf('--on')
  const on = at < 0 ? 'embedded' : (process.argv[at + 1] ?? '')
  if (!ON.includes(on)) throw new Error(`--on takes ${ON.join(' or ')}, not "${on}".`)
  return on
}

async function start(): Promise<void> {
  const on = wanted()
  const settings = localSettings.read(process.env)
  if (settings.workers > 1 && process.platform !== 'linux') {
    throw new Error(`WORKERS=${settings.workers} needs Linux, where processes can share a port; leave WORKERS at 1.`)
  }
  // Emulators forget: their data directory is emptied, so it is never the embedded form's.
  const dataDir = resolve(settings.dataDir, on === 'embedded' ? '' : 'on-emulators')
  const run = await claimRunDirectory(dataDir)
  await list.step('programs', async () => {
    for (const { command, why } of await provision(PROGRAMS_TO_RUN)) list.line(`  without ${command}: it ${why}`)
  })
  const addresses: Addresses = {
    port: settings.port === 0 ? await freePort() : settings.port,
    mediaPort: settings.mediaPort === 0 ? await freePort() : settings.mediaPort,
    rtmpPort: settings.rtmpPort === 0 ? await freePort() : settings.rtmpPort,
    planePort: await freePort(),
    workerPort: await freePort(),
  }
  await refuseTakenPorts(addresses)
  const children: SupervisedChild[] = []
  let emulators: Emulators | undefined
  const stop = async () => {
    await Promise.all(children.map(child => child.stop()))
    await emulators?.[Symbol.asyncDispose]()
  }
  const ended = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(ended.resolve, ended.reject))
  }
  let demo: Started['demo']
  try {
    if (on === 'emulators') emulators = await emulated(dataDir, addresses.port)
    const specs = childSpecs(addresses, { ...settings, dataDir }, PAGES_DIR, emulators?.env)
    const started = await Promise.race([startChildren(children, specs, addresses.port, run), ended.promise])
    if (started === undefined) return
    demo = started.demo
  } catch (error) {
    await stop()
    throw error
  }
  list.line(
    `ready  pages http://localhost:${addresses.port}  studio http://localhost:${addresses.port}/studio  api http://localhost:${addresses.port}/docs  media http://localhost:${addresses.mediaPort}  rtmp rtmp://localhost:${addresses.rtmpPort}/live`,
  )
  if (process.argv.includes('--watch')) watchSources(list, () => children)
  if (demo !== undefined)
    void list.step('demo: a show on the air', () => Promise.race([demo, ended.promise])).catch(report)
  await ended.promise
}

/** Loaded only where it is wanted: the embedded form needs none of it. */
async function emulated(dataDir: string, port: number): Promise<Emulators> {
  return await list.step('emulators: Spanner, Pub/Sub, Cloud Tasks, S3, Redis', async () => {
    const { startEmulators } = await import('./on-emulators.ts')
    return await startEmulators(dataDir, `http://127.0.0.1:${port}`)
  })
}

/** `demo` settles when the demo show is on the air; undefined without one. */
type Started = { demo: Promise<unknown> | undefined }

/** Starts every child at once and waits until all but the demo show serve; gives the demo's own start. */
async function startChildren(
  children: SupervisedChild[],
  specs: readonly LocalChild[],
  port: number,
  run: RunDirectory,
): Promise<Started> {
  const pages = buildPages({ outDir: PAGES_DIR, cacheKey: process.version })
  const launch = async (spec: LocalChild) => {
    if (spec.waitsForPages) await pages
    const child = superviseChild(spec, {
      log: list.line,
      started: pid => run.note(spec.name, pid),
    })
    children.push(child)
    await child.ready
  }
  const starting = specs.map(spec => ({ spec, done: launch(spec) }))
  for (const { done } of starting) done.catch(() => undefined)
  await list.step('pages', () => pages)
  for (const { spec, done } of starting) {
    if (spec.name !== 'demo') await list.step(spec.title, () => done)
  }
  await list.step('platform', () => untilReady(`http://127.0.0.1:${port}/readyz`))
  return { demo: starting.find(({ spec }) => spec.name === 'demo')?.done }
}

function report(error: unknown): void {
  const settings = error instanceof SettingsError ? `Settings: ${error.message}` : undefined
  process.stderr.write(`\n${settings ?? (error instanceof Error ? error.message : String(error))}\n`)
}

try {
  await start()
} catch (error) {
  report(error)
  process.exitCode = 1
}
process.exit()
