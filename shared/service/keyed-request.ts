import { createHash } from 'node:crypto'
import { routePath } from 'hono/route'
import { Refusal } from '#shared/domain/refusal.ts'
import type { KeyedRequest } from './idempotency-store.ts'
import { principalKey } from './principal.ts'
import type { ServiceContext } from './service-app.ts'

const KEY = /^[\u0021-\u007e]{1,255}$/
const LAST_ROUTE = -1

/**
 * What a request with an `Idempotency-Key` is known by; undefined without one. The key counts per caller, method and
 * route, so two callers may use the same. Throws `request.invalid` for a key that is not 1..255 visible characters.
 */
export async function keyedRequest(c: ServiceContext): Promise<KeyedRequest | undefined> {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return undefined
  if (!KEY.test(key)) {
    throw new Refusal('request.invalid', {
      detail: 'Idempotency-Key: use 1 to 255 visible ASCII characters.',
      param: 'Idempotency-Key',
    })
  }
  const { pathname, search } = new URL(c.req.raw.url)
  return {
    key,
    keyHash: sha256(principalKey(c.get('principal')), c.req.method, routePath(c, LAST_ROUTE), key),
    requestHash: sha256(pathname, search, await c.req.text()),
  }
}

function sha256(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
