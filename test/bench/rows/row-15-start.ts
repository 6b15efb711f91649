import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../local/supervisor/free-port.ts'
import { testBrowser, type TestBrowser } from '../../helpers/frame-clock-browser.ts'
import { firstPictureAtMs, installFrameClock } from '../../helpers/frame-clock-page.ts'
import type { BenchRow, Sample } from '../bench-row.ts'
import { until } from '../until.ts'

/** Longest a start may take before the row is broken, in ms; a first one encodes the demo footage. */
const START_MS_MAX = { cold: 240_000, warm: 60_000 }

/** `seen` is the encoder run that was on the air in the start before. */
type Machine = { env: Record<string, string>; url: string; seen?: string }

/** `npm start` with the demo show, ended as Ctrl-C ends it. */
function npmStart({ env }: Machine): AsyncDisposable & { log(): string } {
  const child = spawn('npm', ['start'], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const closed = new Promise(resolve => child.once('close', resolve))
  return {
    log: () => text,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await closed
    },
  }
}

/** The show on the air, once it is fed by this start's publisher and not remembered from the one before. */
async function liveStreamId(machine: Machine): Promise<string | undefined> {
  const response = await fetch(`${machine.url}/v1/streams?state=live`)
  const { data } = (await response.json()) as { data: readonly { id: string; state: string; epoch: number }[] }
  const show = data.find(({ state, id, epoch }) => state === 'live' && `${id} ${epoch}` !== machine.seen)
  if (show !== undefined) machine.seen = `${show.id} ${show.epoch}`
  return show?.id
}

async function startOnce(machine: Machine, browser: TestBrowser, withinMs: number): Promise<Sample> {
  const startedAtMs = Date.now()
  await using run = npmStart(machine)
  const wait = { everyMs: 10, withinMs }
  const describe = (what: string) => `${what}:\n${run.log()}`
  await until(async () => ((await fetch(machine.url)).status === 200 ? true : undefined), {
    what: describe('the front page'),
    ...wait,
  })
  const firstAnswerMs = Date.now() - startedAtMs
  const id = await until(() => liveStreamId(machine), { what: describe('the demo show'), ...wait })
  const page = await browser.page()
  try {
    await installFrameClock(page)
    await page.goto(`${machine.url}/w/${id}`)
    const shownAtMs = await until(() => firstPictureAtMs(page), {
      what: describe(`a picture: ${page.said()}`),
      ...wait,
    })
    return { answer: firstAnswerMs, picture: shownAtMs - startedAtMs }
  } finally {
    await page.close()
  }
}

/** `npm start` on a data directory that was used before, to the front page and to the demo show's first picture. */
export const start: BenchRow = {
  id: '15',
  name: 'start',
  title: 'npm start, warm',
  metrics: [
    { key: 'answer', title: 'first 200', unit: 'ms', goal: { atMost: 3_000 } },
    { key: 'picture', title: 'first live picture', unit: 'ms', goal: { atMost: 8_000 } },
  ],
  rounds: 7,
  quickRounds: 1,
  ready: async ({ say }) => {
    const parts = new AsyncDisposableStack()
    const directory = mkdtempSync(join(tmpdir(), 'showreel-start-'))
    parts.defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
    const [port, mediaPort, rtmpPort] = [await freePort(), await freePort(), await freePort()]
    const machine: Machine = {
      url: `http://127.0.0.1:${port}`,
      env: {
        PORT: String(port),
        MEDIA_PORT: String(mediaPort),
        RTMP_PORT: String(rtmpPort),
        DATA_DIR: directory,
        DEMO: 'on',
      },
    }
    const browser = parts.use(await testBrowser())
    say('  warming up: a first start …')
    const cold = await startOnce(machine, browser, START_MS_MAX.cold)
    return {
      ours: { name: 'Showreel', sample: () => startOnce(machine, browser, START_MS_MAX.warm) },
      notes: [
        `the first start took ${(Number(cold['answer']) / 1_000).toFixed(1)} s to the first 200`,
        'the watch page is opened when the API names the show',
      ],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
