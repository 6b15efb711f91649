import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertCreator } from '#run-services/channels/creator-queries.ts'
import { CANARY_HOPS } from '#shared/domain/canary.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { type Caller, type TestService, testService } from '#test/helpers/test-service.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import { createCanaries } from './app.ts'
import type { CanaryAnswer } from './canary-answer.ts'
import { canaryIdOf } from '#shared/service/user-token.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'

const BEGAN_MS = Date.parse('2026-11-21T18:00:00.000Z')
const BUDGETS_HELD = Object.fromEntries(CANARY_HOPS.map(({ name }) => [name, 10]))

let database: TableEngine & AsyncDisposable
let service: TestService
let app: ServiceApp
let canary: Caller
let nowMs: number

beforeEach(async () => {
  database = await recycledDatabase()
  service = await testService('canaries')
  nowMs = BEGAN_MS
  const keys = { cursors: new Uint8Array(32).fill(1) }
  app = createCanaries({ database, now: () => nowMs, random: randomBytes, keys, ...service.options })
  canary = service.asUser(app, 'canary', ['creator', 'canary'])
  await ownChannel('chan_a', 'ref-a', canaryIdOf('https://issuer.test', 'canary'))
})
afterEach(async () => await database[Symbol.asyncDispose]())

const insertOwned = namedQuery(
  'test.insert-channel',
  ['chan_x', 'ref_x', 'crtr_x'],
  (id: string, ref: string, creatorId: string) =>
    tables
      .insertInto('channels')
      .values({ creator_id: creatorId, channel_id: id, title: id, provider: 'plane', provider_ref: ref }),
)

async function ownChannel(id: string, ref: string, creatorId: string): Promise<void> {
  await database.transaction(async tx => {
    await tx.write(insertCreator(creatorId, creatorId, creatorId))
    await tx.write(insertOwned(id, ref, creatorId))
  })
}

const start = async (route = 'us-east4') => {
  const reply = await canary('/v1/canaries', { body: { route, plane: 'selfhost', channel_id: 'chan_a' } })
  return { status: reply.status, run: (await reply.json()) as CanaryAnswer }
}
const read = async (id: string) => (await (await canary(`/v1/canaries/${id}`)).json()) as CanaryAnswer
const end = async (id: string, body: unknown) =>
  (await (await canary(`/v1/canaries/${id}`, { method: 'PUT', body })).json()) as CanaryAnswer

const STREAM = { stream_id: 'strm_a', creator_id: 'crtr_a', playback_id: 'play_a', epoch: 1 }
const REPORT = { channel_ref: 'ref-a', provider_stream_id: 'play_a', raw_id: 'r', change: 'started', epoch: 1 }

async function push(subscription: string, type: string, time: string, publishTime: string, data: unknown) {
  const event = {
    specversion: '1.0',
    id: `evt_${type}`,
    source: 'test',
    type,
    subject: 's',
    time,
    sequence: 1,
    partitionkey: 's',
    class: 'real',
    dataschema: `https://showreel.dev/schemas/events/${type}`,
    data,
  }
  const message = { messageId: 'm', publishTime, data: Buffer.from(JSON.stringify(event)).toString('base64') }
  const reply = await service.asService(app)(`/push/${subscription}`, {
    body: { message, subscription, deliveryAttempt: 1 },
  })
  expect(reply.status).toBe(204)
}
const at = (ms: number) => new Date(BEGAN_MS + ms).toISOString()
const reported = (ms: number) =>
  push('canaries--media', 'provider.stream_state', at(ms), at(ms + 50), { ...REPORT, provider_time: at(ms) })
const began = (ms: number, channel = 'chan_a') =>
  push('canaries--streams', 'stream.started', at(ms), at(ms + 20), {
    ...STREAM,
    channel_id: channel,
    title: 'x',
    started_at: at(ms),
  })

test('what the system was seen to do is marked once, however often it is told', async () => {
  const { status, run } = await start()
  expect([status, run.state, run.marks]).toEqual([201, 'running', {}])
  nowMs = BEGAN_MS + 200
  await reported(100)
  await began(180)
  nowMs = BEGAN_MS + 900
  await reported(100)
  await began(180)
  expect((await read(run.id)).marks).toEqual({
    reported: at(100),
    'handed-off': at(150),
    delivered: at(200),
    committed: at(180),
    relayed: at(200),
    told: at(200),
  })
})

test('shows of others, and earlier ones of the same channel, are not marked', async () => {
  await ownChannel('chan_b', 'ref-b', 'crtr_b')
  const { run } = await start()
  await began(100, 'chan_b')
  await began(-60_000)
  await reported(-60_000)
  expect((await read(run.id)).marks).toEqual({})
})

test('a run is held when every hop is within its budget, and the first verdict stays', async () => {
  const { run } = await start()
  const held = await end(run.id, { hops: BUDGETS_HELD })
  expect([held.state, held.hops.every(hop => hop.held)]).toEqual(['held', true])
  expect((await end(run.id, { hops: {}, failure: 'too late' })).state).toBe('held')
})

test('a hop that broke its budget, or did not come, breaks the run and is named', async () => {
  const late = await end((await start()).run.id, { hops: { ...BUDGETS_HELD, feed: 10_001 } })
  expect([late.state, late.hops.filter(hop => !hop.held)]).toEqual([
    'breached',
    [{ name: 'feed', ms: 10_001, budget_ms: 10_000, held: false }],
  ])
  const missing = await end((await start()).run.id, { hops: { ingest: 5 }, failure: 'The show did not come in time.' })
  expect([missing.state, missing.failure]).toEqual(['failed', 'The show did not come in time.'])
})

test('a run that nobody ended is lost after a quarter of an hour', async () => {
  const { run } = await start()
  nowMs += 900_001
  expect((await read(run.id)).state).toBe('lost')
})

test('runs are listed newest first, page by page, of one route or of all', async () => {
  const ids: string[] = []
  for (const route of ['us-east4', 'asia-southeast1', 'us-east4']) {
    ids.unshift((await start(route)).run.id)
    nowMs += 1_000
  }
  const list = async (query: string) =>
    (await (await canary(`/v1/canaries${query}`)).json()) as { data: CanaryAnswer[]; next_cursor: string | null }
  const first = await list('?limit=2')
  const rest = await list(`?limit=2&cursor=${first.next_cursor}`)
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(ids)
  expect((await list('?route=us-east4')).data.map(({ id }) => id)).toEqual([ids[0], ids[2]])
})

test('only synthetic shows and admins come in, and only with a channel of their own', async () => {
  for (const roles of [['creator'], ['moderator'], ['viewer']] as const) {
    expect((await service.asUser(app, 'eve', roles)('/v1/canaries')).status).toBe(403)
  }
  expect((await service.asNobody(app)('/v1/canaries')).status).toBe(401)
  const admin = service.asUser(app, 'ada', ['admin'])
  expect((await admin('/v1/canaries')).status).toBe(200)
  const body = { route: 'x', plane: 'selfhost', channel_id: 'chan_a' }
  expect((await admin('/v1/canaries', { body })).status).toBe(404)
  expect((await canary('/v1/canaries/cnry_none')).status).toBe(404)
  expect((await canary('/v1/canaries', { body: { ...body, plane: 'mars' } })).status).toBe(422)
})
