import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { redisBroadcast } from '#shared/ports/broadcast/redis-broadcast.ts'
import { redisLink } from '#shared/ports/broadcast/redis-link.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { toldChanges } from '#shared/service/told-changes.ts'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import { missingEmulator, startEmulator } from '#test/helpers/emulators/emulator-process.ts'
import { redisEmulator } from '#test/helpers/emulators/redis-emulator.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { type StoredShow, storedShow } from '#test/helpers/stored-show.ts'
import { createClips } from './app.ts'
import type { ClipAnswer } from './clip-answer.ts'

/** Between two looks where nothing is told, in ms. */
const LOOK_EVERY_MS = 3_000
/** A look comes no sooner after the one before, so what is seen within this was told. */
const TOLD_WITHIN_MS = LOOK_EVERY_MS - 500
/** The clip and its files. */
const READS_PER_LOOK = 2

let clips: ClipsService
let show: StoredShow
beforeAll(async () => {
  clips = await clipsService()
  const media = await markedMedia({ fps: 30, seconds: 4, width: 320, height: 180 })
  const creatorId = clips.service.idOf('alice')
  show = await storedShow({ database: clips.deps.database, store: clips.store, media, creatorId })
}, 120_000)
const following: Promise<void>[] = []
afterAll(async () => {
  clips.service.drain()
  await Promise.all(following)
  await clips[Symbol.asyncDispose]()
})
beforeEach(() => {
  clips.wakes.length = 0
})

async function asked(startMs: number): Promise<ClipAnswer> {
  const body = { stream_id: show.streamId, start_ms: startMs, end_ms: startMs + 1_000 }
  return (await (await clips.service.asUser(clips.app, 'vera', ['viewer'])('/v1/clips', { body })).json()) as ClipAnswer
}

type Followed = { events: ClipAnswer[]; ended: Promise<void> }

/** What the clip's page hears, as it comes. */
async function followed(clipId: string, app = clips.app): Promise<Followed> {
  const response = await clips.service.asUser(app, 'vera', ['viewer'])(`/v1/clips/${clipId}/events`)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events: ClipAnswer[] = []
  const reading = async () => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)) as ClipAnswer)
    }
  }
  const ended = reading()
  following.push(ended)
  await eventually(() => events.length)
  return { events, ended }
}

async function leased(app = clips.app): Promise<(percent: number) => Promise<void>> {
  const jobId = clips.wakes.findLast(({ queue }) => queue === 'render-clip')?.jobId ?? ''
  const worker = clips.service.asService(app, 'clips', 'worker')
  const lease = await worker(`/internal/clips/jobs/${jobId}/lease`, { body: { owner: 'w' } })
  const { token } = (await lease.json()) as { token: number }
  return async percent => {
    const body = { token, data: { percent } }
    expect((await worker(`/internal/clips/jobs/${jobId}/checkpoint`, { body })).status).toBe(204)
  }
}

test('each step of a render is told when it is committed, and not with the next look', async () => {
  const clip = await asked(0)
  const { events, ended } = await followed(clip.id)
  const checkpoint = await leased()
  for (const percent of [10, 30, 50, 70]) {
    await checkpoint(percent)
    await eventually(
      () => events.at(-1)?.render?.percent,
      told => expect(told).toBe(percent),
      { withinMs: TOLD_WITHIN_MS },
    )
  }
  await clips.service.asUser(clips.app, 'vera', ['viewer'])(`/v1/clips/${clip.id}`, { method: 'DELETE' })
  await ended
  expect(events.at(-1)).toEqual({ id: clip.id, state: 'deleted' })
})

test('where nothing is told it is seen all the same, with the next look', async () => {
  const deaf = createClips({
    ...clips.deps,
    broadcast: { publish: async () => undefined, listen: () => ({ [Symbol.dispose]: () => undefined }) },
  })
  const clip = await asked(1_000)
  const { events } = await followed(clip.id, deaf)
  const checkpoint = await leased()
  await checkpoint(60)
  await eventually(
    () => events.at(-1)?.render?.percent,
    told => expect(told).toBe(60),
  )
})

test('a clip of which nothing changes is looked at once in a few seconds, however many others change', async () => {
  const clip = await asked(2_000)
  let reads = 0
  const { database } = clips.deps
  const counting = createClips({
    ...clips.deps,
    database: {
      ...database,
      read: statement => {
        reads += 1
        return database.read(statement)
      },
    },
  })
  const { events } = await followed(clip.id, counting)
  const [before, startedMs] = [reads, performance.now()]
  for (const startMs of [2_100, 2_200, 2_300]) await asked(startMs)
  const looks = Math.floor((performance.now() - startedMs) / LOOK_EVERY_MS) + 1
  expect(reads - before).toBeLessThanOrEqual(looks * READS_PER_LOOK)
  expect(events).toHaveLength(1)
})

const missing = missingEmulator(redisEmulator)
test.skipIf(missing !== undefined)(
  `whoever follows on one instance is told what commits on another, and sees it while Redis is away${missing === undefined ? '' : `: ${missing}`}`,
  async () => {
    await using parts = new AsyncDisposableStack()
    const redis = parts.use(await startEmulator(redisEmulator))
    const instance = async () => {
      const { deps } = clips
      const link = parts.use(redisLink({ url: `redis://${redis.address}`, log: deps.log }))
      await eventually(() => link.isUp())
      const broadcast = redisBroadcast({ link })
      const database = toldChanges(deps.database, broadcast)
      return createClips({ ...deps, broadcast, database, jobs: jobStore({ ...deps, database }) })
    }
    const [here, there] = [await instance(), await instance()]
    const clip = await asked(2_500)
    const { events } = await followed(clip.id, here)
    const checkpoint = await leased(there)
    for (const percent of [20, 40, 60]) {
      await checkpoint(percent)
      await eventually(
        () => events.at(-1)?.render?.percent,
        told => expect(told).toBe(percent),
        { withinMs: TOLD_WITHIN_MS },
      )
    }
    await redis.kill()
    await checkpoint(80)
    await eventually(
      () => events.at(-1)?.render?.percent,
      told => expect(told).toBe(80),
    )
  },
)
