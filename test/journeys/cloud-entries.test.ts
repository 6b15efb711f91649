import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '#local/supervisor/free-port.ts'
import { buildPages } from '#run-services/web/build-pages.ts'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { cloudEntry } from '../helpers/cloud-entry.ts'
import { missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { pubsubPush } from '../helpers/emulators/pubsub-push.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { startSpannerDatabases } from '../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { postReceiver } from '../helpers/post-receiver.ts'

/** Longest wait for a process to answer on a machine that is busy, in ms. */
const START_MS_MAX = 60_000
// Processes start one after the other, each with a cloud's whole client library.
vi.setConfig({ testTimeout: 240_000 })

const ENTRIES = SERVICES.filter(({ entry }) => existsSync(entry))

describe.each(ENTRIES)('$name', ({ entry }) => {
  test('says what it reads, and names everything that is missing in one sentence', async () => {
    await using printed = cloudEntry(entry, {}, ['--print-settings'])
    await using bare = cloudEntry(entry, {})
    expect([await printed.ended, printed.output()]).toEqual([0, expect.stringMatching(/^LOG_LEVEL +debug \|.+info/mu)])
    const required = printed
      .output()
      .split('\n')
      .filter(line => line.endsWith('  required'))
      .map(line => line.split(' ')[0] ?? '')
    expect(required).not.toEqual([])
    expect(await bare.ended).toBe(1)
    for (const variable of required) expect(bare.output()).toContain(`${variable}: missing`)
  })
})

describe('web', () => {
  let pagesDir: string
  beforeAll(async () => {
    pagesDir = await mkdtemp(join(tmpdir(), 'showreel-pages-'))
    await buildPages({ outDir: join(pagesDir, 'pages'), cacheKey: 'test' })
  })
  afterAll(async () => await rm(pagesDir, { recursive: true, force: true }))

  test('serves the pages and its health, and ends with 0 when asked', async () => {
    const port = String(await freePort())
    const url = `http://127.0.0.1:${port}`
    const environment = {
      PORT: port,
      PUBLIC_URL: url,
      MEDIA_URL: 'http://media.test',
      PAGES_DIR: join(pagesDir, 'pages'),
    }
    const web = cloudEntry('run-services/web/main.ts', environment)
    const ready = await eventually(async () => await fetch(`${url}/readyz`), undefined, { withinMs: START_MS_MAX })
    expect(await ready.json()).toMatchObject({ status: 'ready' })
    const page = await fetch(url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')])
    expect(page.headers.get('content-security-policy')).toContain('http://media.test')
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
    await web[Symbol.asyncDispose]()
    expect(await web.ended).toBe(0)
  })
})

const missing = [spannerEmulator, pubsubServiceEmulator].map(missingEmulator).find(sentence => sentence !== undefined)

describe.skipIf(missing !== undefined)(`migrate and relay${missing === undefined ? '' : `: ${missing}`}`, () => {
  test('an empty database gets its schema, and what is committed there reaches the bus in order', async () => {
    await using parts = new AsyncDisposableStack()
    const spanner = parts.use(await startSpannerDatabases())
    const database = await spanner.createEmpty('entries')
    const pubsub = parts.use(await startEmulator(pubsubServiceEmulator))
    const environment = {
      GOOGLE_CLOUD_PROJECT: database.projectId,
      SPANNER_INSTANCE: database.instance,
      SPANNER_DATABASE: database.database,
      ...spanner.environment,
    }
    await using migrate = cloudEntry('run-services/migrate/main.ts', environment)
    expect(await migrate.ended, migrate.output()).toBe(0)
    await using again = cloudEntry('run-services/migrate/main.ts', environment)
    expect([await again.ended, again.output()]).toEqual([0, expect.stringContaining('"ran":0')])

    const receiver = parts.use(await postReceiver())
    await pubsubPush({
      url: `http://${pubsub.address}`,
      project: database.projectId,
      topic: 'streams',
      subscription: 'test',
      endpoint: `${receiver.url}/push/test`,
    })
    const port = String(await freePort())
    const bus = { PUBSUB_EMULATOR_HOST: pubsub.address, REGION: 'us-east4', PORT: port }
    await using relay = cloudEntry('run-services/relay/main.ts', { ...environment, ...bus })
    await eventually(
      async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status,
      status => expect(status, relay.output()).toBe(200),
      { withinMs: START_MS_MAX },
    )
    const records = parts.use(await spannerDatabase({ ...database, serial: true }))
    const facts = { stream_id: 'strm_1', creator_id: 'crtr_1', channel_id: 'chan_1', playback_id: 'play_1', epoch: 1 }
    const about = { source: 'channels', subject: 'strm_1' }
    for (const type of ['stream.resumed', 'stream.resumed', 'stream.resumed'] as const) {
      await records.transaction(async tx => {
        await appendEvent(tx, { ...about, type, data: facts }, { now: Date.now, random: randomBytes })
      })
    }
    const sequences = () =>
      receiver.received.map(({ body }) => {
        const { data } = (body as { message: { data: string } }).message
        return (JSON.parse(Buffer.from(data, 'base64').toString()) as { sequence: number }).sequence
      })
    await eventually(sequences, seen => expect([...new Set(seen)], relay.output()).toEqual([1, 2, 3]), {
      withinMs: 30_000,
    })
  })
})
