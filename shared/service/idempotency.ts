import type { MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Clock } from '#shared/domain/clock.ts'
import type { Database } from '#shared/ports/database/database.ts'
import { crashPoint } from './crash-point.ts'
import { idempotencyStore, type KeyedRequest, type StoredAnswer } from './idempotency-store.ts'
import { keyedRequest } from './keyed-request.ts'
import type { ServiceContext, ServiceEnv } from './service-app.ts'

/** Headers that belong to the resource and not to the one answer. */
const KEPT_HEADERS = ['content-type', 'location', 'etag']
/** Refusals that say "not now": keeping them would refuse the retry they ask for. */
const PASSING_STATUS = new Set([408, 409, 425, 429])
const SERVER_ERROR = 500

/**
 * Makes a create safe to send again: one `Idempotency-Key` acts once and gives one answer for 24 hours.
 *
 * Same key and request: the same answer with `Idempotent-Replayed: true`; another request under the key: 422; while the
 * first runs: 409. 5xx and passing refusals are not kept. Without the header nothing changes. Should the process die
 * between the effect and the kept answer, the key is free after 60 s: a handler whose effect must not happen twice even
 * then names it by `c.get('idempotencyToken')`, or answers through `commitOnce`.
 */
export function idempotency(options: {
  database: Database
  sealingKey: Uint8Array
  now: Clock
}): MiddlewareHandler<ServiceEnv> {
  const { database } = options
  const store = idempotencyStore(options)
  return async (c, next) => {
    const request = await keyedRequest(c)
    if (request === undefined) return next()
    const claim = await database.transaction(tx => store.claim(tx, request))
    if ('answer' in claim) return replay(c, claim.answer)
    crashPoint('idempotency.claimed')
    c.set('idempotencyToken', request.keyHash)
    await next()
    crashPoint('idempotency.answered')
    await settle(c, request, claim.claimedAt)
    crashPoint('idempotency.stored')
    return undefined
  }

  async function settle(c: ServiceContext, request: KeyedRequest, claimedAt: string): Promise<void> {
    const { status } = c.res
    if (status >= SERVER_ERROR || PASSING_STATUS.has(status)) {
      await database.transaction(tx => store.release(tx, request, claimedAt))
      return
    }
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap(name => {
        const value = c.res.headers.get(name)
        return value === null ? [] : [[name, value]]
      }),
    )
    const body = await c.res.clone().text()
    await database.transaction(tx => store.keep(tx, request, claimedAt, { status, headers, body }))
  }
}

/** Gives a kept answer again. */
export function replay(c: ServiceContext, answer: StoredAnswer): Response {
  return c.body(answer.body, answer.status as ContentfulStatusCode, {
    ...answer.headers,
    'idempotent-replayed': 'true',
  })
}
