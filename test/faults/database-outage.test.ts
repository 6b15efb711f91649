import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { postgresDatabase } from '#shared/ports/database/postgres-database.ts'
import { boundedDatabase, DATABASE_BOUNDS } from '#shared/service/bounded-database.ts'
import { pause } from '#shared/service/pause.ts'
import { type ChannelsService, channelsService } from '../helpers/channels-service.ts'
import { eventually } from '../helpers/eventually.ts'
import { postgresMissing, startPostgres } from '../helpers/postgres-server.ts'
import { currentSize, sized } from '../helpers/size.ts'
import { type UnrulyWire, unrulyWire } from '../helpers/unruly-wire.ts'

const missing = postgresMissing()
const OUTAGES = sized({ test: 1, prove: 3, full: 50 })
const OUTAGE_MS = sized({ test: 3_000, prove: 10_000, full: 10_000 })
/** How late every answer of the engine is when it is slow, in ms. */
const LATE_MS = 2_000
const REQUESTS_PER_S = 20
/** Longest wait for an answer while the engine is away, in ms: the bound itself and room for a busy machine. */
const ANSWER_MS_MAX = DATABASE_BOUNDS.withinMs + 500
const HANDED_BACK = { withinMs: 60_000 }
const TEST_MS_MAX = 3_600_000

type Sent = { key: string; status: number; retryAfter: string | null; tookMs: number }

describe.skipIf(missing !== undefined)(`R8${missing === undefined ? '' : `: ${missing}`}`, () => {
  const parts = new AsyncDisposableStack()
  let wire: UnrulyWire
  let channels: ChannelsService
  let sent = 0

  beforeAll(async () => {
    const server = parts.use(await startPostgres())
    wire = parts.use(await unrulyWire({ path: server.socket }))
    const { pathname } = new URL(await server.createDatabase())
    const url = `postgres://showreel@127.0.0.1:${wire.port}${pathname}`
    const database = parts.use(await postgresDatabase({ url, migrations: loadMigrations() }))
    channels = parts.use(await channelsService({ database: boundedDatabase(database, DATABASE_BOUNDS) }))
  }, 120_000)
  afterAll(async () => await parts.disposeAsync(), 60_000)

  const mark = async (key: string): Promise<Sent> => {
    const startedAt = performance.now()
    const call = channels.as(`creator-${Number(key.split('-')[1]) % 50}`)
    const { status, headers } = await call('POST', '/v1/channels', { title: key }, { 'idempotency-key': key })
    return { key, status, retryAfter: headers.get('retry-after'), tookMs: performance.now() - startedAt }
  }
  /** Requests at an even pace for so long; each waits for nobody. */
  const sendFor = async (ms: number): Promise<Sent[]> => {
    const answers: Promise<Sent>[] = []
    const startedAt = performance.now()
    while (performance.now() - startedAt < ms) {
      answers.push(mark(`request-${(sent += 1)}-0123456789abcdef`))
      await pause(1_000 / REQUESTS_PER_S, new AbortController().signal)
    }
    return await Promise.all(answers)
  }
  const held = async () => {
    const { data } = (await channels.as('creator-0')('GET', '/v1/channels')).body as { data: unknown[] }
    return data
  }
  /** Every request that was not answered well is sent again until it is, and each made exactly one channel. */
  const sendAgain = async (answers: readonly Sent[]): Promise<void> => {
    for (const { key } of answers.filter(({ status }) => status !== 201)) {
      await eventually(
        async () => await mark(key),
        ({ status }) => expect(status).toBe(201),
        HANDED_BACK,
      )
    }
    const creators = Array.from({ length: 50 }, (_, index) => `creator-${index}`)
    const titles: string[] = []
    for (const creator of creators) {
      const { body } = await channels.as(creator)('GET', '/v1/channels?limit=100')
      titles.push(...(body as { data: { title: string }[] }).data.map(({ title }) => title))
    }
    for (const { key } of answers)
      expect(
        titles.filter(title => title === key),
        key,
      ).toHaveLength(1)
  }
  const answeredInTime = (answers: readonly Sent[]): void => {
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    for (const { retryAfter } of answers) expect(Number(retryAfter)).toBeGreaterThan(0)
    // In `npm test` other tests share the machine; how long an answer takes is asserted where it is quiet.
    if (currentSize() === 'test') return
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(ANSWER_MS_MAX)
    const atOnce = answers.filter(({ tookMs }) => tookMs < 100)
    expect(atOnce.length / answers.length, 'the breaker keeps most from waiting').toBeGreaterThan(0.3)
  }

  for (const [what, how] of [
    ['hangs', 'swallow'],
    ['is cut off', 'break'],
    [`is ${LATE_MS / 1_000} s late`, { lateMs: LATE_MS }],
  ] as const) {
    test(
      `a database that ${what} is told in time, and nothing is written twice or lost`,
      { timeout: TEST_MS_MAX },
      async () => {
        for (let outage = 0; outage < OUTAGES; outage += 1) {
          await eventually(held, undefined, HANDED_BACK)
          wire.behave(how)
          const answers = await sendFor(OUTAGE_MS)
          wire.behave('pass')
          answeredInTime(answers)
          await sendAgain(answers)
        }
      },
    )
  }
})
