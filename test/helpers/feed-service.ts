import { createHmac } from 'node:crypto'
import { createFeed } from '#run-services/feed/app.ts'
import type { FeedDeps } from '#run-services/feed/feed-deps.ts'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { recycledDatabase } from './recycled-database.ts'
import { type TestService, testService } from './test-service.ts'

/** The feed service over a real embedded database. */
export type FeedService = AsyncDisposable & {
  app: ServiceApp
  deps: FeedDeps
  database: TableEngine
  service: TestService
  clock: { nowMs: number }
  /** What the route answers, read as the caller says; a problem document when it refuses. */
  ask: <Body>(
    path: string,
    options?: { as?: string; body?: unknown; method?: string },
    read?: (body: unknown) => Body,
  ) => Promise<{ status: number; body: Body }>
  /** Delivers an event about a clip, as the bus does; gives the status of the answer. */
  tell(type: `clip.${'published' | 'updated' | 'unpublished' | 'deleted'}`, clipId: string, id: string): Promise<number>
}

export async function feedService(settings?: FeedDeps['settings']): Promise<FeedService> {
  const database = await recycledDatabase()
  const service = await testService('feed')
  const clock = { nowMs: Date.parse('2026-11-21T18:00:00.000Z') }
  let drawn = 0
  const key = (fill: number) => new Uint8Array(32).fill(fill)
  const deps: FeedDeps = {
    database,
    log: service.log,
    now: () => clock.nowMs,
    random: length =>
      createHmac('sha512', 'seed')
        .update(String((drawn += 1)))
        .digest()
        .subarray(0, length),
    keys: { cursors: key(1), sealing: key(2) },
    settings: settings ?? { mediaUrl: new URL('http://media.test:8081'), publicUrl: new URL('https://reel.test') },
  }
  const app = createFeed({ ...deps, ...service.options })
  const ask: FeedService['ask'] = async (path, { as, body, method } = {}) => {
    const call = as === undefined ? service.asNobody(app) : service.asUser(app, as, ['viewer'])
    const answer = await call(path, {
      ...(body === undefined ? {} : { body }),
      ...(method === undefined ? {} : { method }),
    })
    return { status: answer.status, body: (await answer.json()) as never }
  }
  return {
    app,
    deps,
    database,
    service,
    clock,
    ask,
    tell: async (type, clipId, id) => {
      const message = {
        messageId: id,
        data: Buffer.from(JSON.stringify(clipEvent(type, clipId, id))).toString('base64'),
      }
      const body = { message, subscription: 'feed--clips', deliveryAttempt: 1 }
      return (await service.asService(app)('/push/feed--clips', { body })).status
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

function clipEvent(type: DomainEvent['type'], clipId: string, id: string): unknown {
  const at = '2026-11-21T18:00:00.000Z'
  return {
    specversion: '1.0',
    id,
    source: 'clips',
    type,
    subject: clipId,
    time: at,
    dataschema: `https://showreel.dev/schemas/events/${type}`,
    sequence: 1,
    partitionkey: clipId,
    class: 'real',
    data: {
      clip_id: clipId,
      creator_id: 'crtr_a',
      stream_id: 'strm_a',
      title: clipId,
      tags: [],
      playback_id: `play_${clipId}`,
      published_at: at,
      feed_rank: 1,
    },
  }
}
