import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Clock } from '#shared/domain/clock.ts'
import type { Database, Transaction } from '#shared/ports/database/database.ts'
import { replay } from './idempotency.ts'
import { idempotencyStore } from './idempotency-store.ts'
import { keyedRequest } from './keyed-request.ts'
import type { ServiceContext } from './service-app.ts'

export type Answer = { status: number; body: unknown; headers?: Record<string, string> }

/** Runs a create as one transaction that holds its effect, its events and its kept answer. */
export type CommitOnce = (c: ServiceContext, effect: (tx: Transaction) => Promise<Answer>) => Promise<Response>

const JSON_TYPE = 'application/json'

/**
 * A create that is one transaction: claim of the `Idempotency-Key`, effect, events and kept answer commit together, so a
 * key acts exactly once whenever the process dies, and a write costs one commit. For creates that touch nothing but the
 * database; those that call the outside world use the `idempotency` middleware. Failures are not kept: nothing happened.
 */
export function commitOnce(options: { database: Database; sealingKey: Uint8Array; now: Clock }): CommitOnce {
  const store = idempotencyStore(options)
  return async (c, effect) => {
    const request = await keyedRequest(c)
    const outcome = await options.database.transaction(async tx => {
      const claim = request === undefined ? undefined : await store.claim(tx, request)
      if (claim !== undefined && 'answer' in claim) return { replayed: claim.answer }
      const { status, body, headers } = await effect(tx)
      const answer = { status, headers: { ...headers, 'content-type': JSON_TYPE }, body: JSON.stringify(body) }
      if (request !== undefined && claim !== undefined) await store.keep(tx, request, claim.claimedAt, answer)
      return { answer }
    })
    if (outcome.replayed !== undefined) return replay(c, outcome.replayed)
    const { status, headers, body } = outcome.answer
    return c.body(body, status as ContentfulStatusCode, headers)
  }
}
