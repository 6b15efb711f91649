import { createHash, createHmac } from 'node:crypto'
import { createChannels, type ChannelsAppDeps } from '#run-services/channels/app.ts'
import type { DomainEvent } from '#shared/domain/domain-event.ts'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import { derivedId, type RandomBytes } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { ROLES, type Role } from '#shared/domain/route-policy.ts'
import type { SubscriptionName } from '#shared/domain/topology.ts'
import { tables } from '#shared/ports/database/named-query.ts'
import type { Database } from '#shared/ports/database/database.ts'
import type { LiveChannels } from '#shared/ports/live-channels/live-channels.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { Wake } from '#shared/ports/task-queue/task-queue.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { typedEvent } from '#functions/media-events/typed-event.ts'
import { scriptedPlane, type ScriptedPlane } from './scripted-plane.ts'
import { recycledDatabase } from './recycled-database.ts'

export type Reply<Body = Record<string, never>> = { status: number; headers: Headers; body: Body }

/** The channels service over a real embedded database, or the one it is given, and a plane whose truth the test sets. */
export type ChannelsService = AsyncDisposable & {
  app: ServiceApp
  deps: ChannelsAppDeps
  plane: ScriptedPlane
  database: Database
  wakes: Wake[]
  clock: { nowMs: number }
  as(
    sub: string,
    ...roles: Role[]
  ): (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply<never>>
  push(subscription: SubscriptionName, event: DomainEvent): Promise<number>
  tell(event: ProviderEvent): Promise<number>
  service(path: string, body: unknown): Promise<Reply<never>>
  events(subject: string): Promise<DomainEvent[]>
}

const START = Date.parse('2026-11-21T18:00:00.000Z')

export async function channelsService(
  options: { store?: ObjectStore; plane?: LiveChannels; database?: Database } = {},
): Promise<ChannelsService> {
  const own = new AsyncDisposableStack()
  const database = options.database ?? own.use(await recycledDatabase())
  const plane = scriptedPlane()
  const clock = { nowMs: START }
  const now = () => clock.nowMs
  let drawn = 0
  const random: RandomBytes = length =>
    createHmac('sha512', 'seed')
      .update(String((drawn += 1)))
      .digest()
      .subarray(0, length)
  const calls = serviceCalls({ key: new Uint8Array(32).fill(7), issuer: 'test', now })
  const wakes: Wake[] = []
  const key = (fill: number) => new Uint8Array(32).fill(fill)
  const deps: ChannelsAppDeps = {
    database,
    plane: options.plane ?? plane,
    store: options.store ?? noStore(),
    queue: { wake: async wake => void wakes.push(wake) },
    jobs: jobStore({ database, now, random }),
    log: createLog({ service: 'channels', level: 'silent' }),
    now,
    random,
    keys: { cursors: key(1), sealing: key(2), streamKeys: key(3), playbackTokens: key(4) },
    settings: { mediaUrl: new URL('http://media.test:8081'), reconcileS: 15 },
    verifyUser: async bearer => {
      const [sub = '', ...roles] = bearer.split('.')
      if (sub === 'bad') throw new Refusal('auth.invalid', { detail: 'Not a token.' })
      const id = derivedId('creator', createHash('sha256').update(sub).digest())
      return {
        kind: 'user',
        id,
        subject: sub,
        issuer: 'test',
        handle: sub,
        roles: ROLES.filter(role => roles.includes(role)),
      }
    },
    verifyService: calls.verify,
    drain: new AbortController().signal,
  }
  const app = createChannels(deps)

  const request = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Reply<never>> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await app.request(`http://channels.test${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: text }),
    })
    const answer = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (answer === '' ? undefined : JSON.parse(answer)) as never,
    }
  }
  const service = async (path: string, body: unknown) =>
    request('POST', path, { authorization: `Bearer ${await calls.sign('channels', 'bus')}` }, body)
  const push = async (subscription: SubscriptionName, event: DomainEvent) => {
    const data = Buffer.from(JSON.stringify(event)).toString('base64')
    const message = {
      messageId: event.id,
      orderingKey: event.partitionkey,
      attributes: {},
      data,
      publishTime: event.time,
    }
    return (await service(`/push/${subscription}`, { message, subscription, deliveryAttempt: 1 })).status
  }
  return {
    app,
    deps,
    plane,
    database,
    wakes,
    clock,
    push,
    service,
    as:
      (sub, ...roles) =>
      (method, path, body, headers = {}) =>
        request(
          method,
          path,
          { authorization: `Bearer ${[sub, ...(roles.length > 0 ? roles : ['creator'])].join('.')}`, ...headers },
          body,
        ),
    tell: event => push('channels--media', typedEvent(event)),
    events: async subject => {
      const { sql, parameters } = tables
        .selectFrom('domain_events')
        .select('payload')
        .where('subject_id', '=', subject)
        .where('source', '=', 'channels')
        .orderBy('seq')
        .compile()
      const rows = await database.read<{ payload: DomainEvent }>({
        name: 'test.events',
        sql,
        parameters: parameters as string[],
      })
      return rows.map(row => row.payload)
    },
    [Symbol.asyncDispose]: async () => await own.disposeAsync(),
  }
}

function noStore(): ObjectStore {
  const refuse = () => {
    throw new Error('This test has no objects.')
  }
  return {
    put: refuse,
    get: refuse,
    head: refuse,
    list: refuse,
    delete: refuse,
    sign: async ({ key }) => `http://objects.test/${key}`,
  }
}
