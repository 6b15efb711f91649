import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import type { H, RouterRoute } from 'hono/types'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { newId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { BODY_BYTES_MAX, ROUTE_POLICY, type RoutePolicy } from '#shared/domain/route-policy.ts'
import type { Log } from './log.ts'
import { type PolicyRouter, policyRouter } from './policy-router.ts'
import { pooledRandom } from './pooled-random.ts'
import { ANONYMOUS, type Principal, principalKey } from './principal.ts'
import { problemOf, refusalOfZod } from './problem.ts'
import type { RateLimit } from './rate-limit.ts'
import { checkText, readBody } from './request-body.ts'
import { requestMetrics } from './request-metrics.ts'
import type { VerifyService } from './service-call.ts'
import { currentTraceparent, inTrace, REQUEST_ID } from './trace.ts'
import type { VerifyUser } from './user-token.ts'

export type ServiceVariables = {
  principal: Principal
  requestId: string
  /** The service's log; its lines carry the request's id by themselves. */
  log: Log
  /** Name under which an `Idempotency-Key` was claimed: stable over retries, fit as a client token further on. */
  idempotencyToken?: string
}
export type ServiceEnv<Vars extends object = object> = { Variables: ServiceVariables & Vars; Bindings: ServiceBindings }
/** What the HTTP server hands along with a request; empty when an app is called without one. */
export type ServiceBindings = { incoming?: { socket?: { remoteAddress?: string } } }
export type ServiceApp<Vars extends object = object> = OpenAPIHono<ServiceEnv<Vars>>
export type ServiceContext = Context<ServiceEnv>

export type ServiceAppOptions = {
  /** The service's name: what callers sign for, and its name in logs. */
  service: string
  log: Log
  verifyUser: VerifyUser
  verifyService: VerifyService
  /** Aborted when the process is to end; tasks are refused from then on, answers go on. */
  drain: AbortSignal
  rateLimit?: RateLimit
}

type RoutedHandler = [H, RouterRoute]

/** On every answer. Set before the handler runs: changing headers of a finished answer costs as much as the answer. */
const STATIC_HEADERS = [
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-site'],
] as const

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i
const DRAIN_RETRY_S = 1
/** How the name of a caller begins who is only known by an address. */
export const ADDRESS_CALLER = 'address:'
/** Longest path and query in characters. */
const URL_CHARACTERS_MAX = 4_096

/**
 * An app that every service is built on: it answers only routes of `ROUTE_POLICY`, to whom the table allows.
 *
 * Every answer has `Request-Id` and `traceparent`; every failure is problem+json; bodies are bounded; unknown methods are
 * 405, unknown paths 404. Registering a route without a policy row throws. Handlers answer through `c.json()`,
 * `c.body()` and their like: a bare `new Response()` would lose the common headers.
 */
export function serviceApp<Vars extends object = object>(options: ServiceAppOptions): ServiceApp<Vars> {
  const router = policyRouter<RoutedHandler>(ROUTE_POLICY)
  const app = new OpenAPIHono<ServiceEnv>({
    router,
    defaultHook: result => {
      if (!result.success) throw refusalOfZod(result.error, result.target)
    },
  })
  app.use('*', guard(options, router))
  app.onError((error, c) => answerProblem(c, error, options.log))
  app.notFound(c => answerProblem(c, notFound(router, c), options.log))
  return app as unknown as ServiceApp<Vars>
}

function guard(options: ServiceAppOptions, router: PolicyRouter<RoutedHandler>): MiddlewareHandler<ServiceEnv> {
  const measure = requestMetrics()
  return async (c, next) => {
    const requestId = newId('request', pooledRandom)
    c.set('requestId', requestId)
    c.set('log', options.log)
    c.set('principal', ANONYMOUS)
    for (const [name, value] of STATIC_HEADERS) c.header(name, value)
    c.header('request-id', requestId)
    const startedMs = performance.now()
    const decision = router.decide(c.req.method, c.req.path)
    const path = 'policy' in decision ? decision.path : 'unknown'
    const refused = await inTrace(
      c.req.header('traceparent'),
      `${c.req.method} ${path}`,
      { [REQUEST_ID]: requestId },
      async () => {
        c.header('traceparent', currentTraceparent())
        try {
          if ('policy' in decision) await admit(c, decision.policy, path, options)
        } catch (error) {
          return answerProblem(c, error, options.log)
        }
        await next()
        return undefined
      },
    )
    const { status } = refused ?? c.res
    measure(c.req.method, path, status, performance.now() - startedMs)
    return refused
  }
}

/** Everything that is checked before a handler runs. */
async function admit(c: ServiceContext, policy: RoutePolicy, path: string, options: ServiceAppOptions): Promise<void> {
  checkUrl(c.req.raw.url)
  const principal = await identify(c, policy, options)
  c.set('principal', principal)
  if (options.rateLimit !== undefined && policy.allow !== 'service') await checkRate(c, principal, options.rateLimit)
  if (options.drain.aborted && path.startsWith('/tasks/')) {
    throw new Refusal('service.draining', {
      detail: 'Another instance will take this task.',
      retryAfterS: DRAIN_RETRY_S,
    })
  }
  if (policy.body !== 'stream' && c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    await readBody(c.req, policy.body ?? BODY_BYTES_MAX)
  }
}

async function identify(c: ServiceContext, policy: RoutePolicy, options: ServiceAppOptions): Promise<Principal> {
  if (policy.allow === 'public' && policy.identify !== true) return ANONYMOUS
  const header = c.req.header('authorization')
  if (header === undefined) {
    if (policy.allow === 'public') return ANONYMOUS
    throw new Refusal('auth.missing', { detail: 'Send an Authorization header: Bearer <token>.' })
  }
  const bearer = BEARER.exec(header)?.[1]
  if (bearer === undefined)
    throw new Refusal('auth.invalid', { detail: 'The Authorization header is not a bearer token.' })
  if (policy.allow === 'service') {
    const { service } = await options.verifyService(bearer, policy.audience ?? options.service)
    return { kind: 'service', name: service }
  }
  const principal = await options.verifyUser(bearer)
  if (policy.allow !== 'public' && !policy.allow.some(role => principal.roles.includes(role))) {
    throw new Refusal('auth.forbidden', { detail: `This needs one of the roles ${policy.allow.join(', ')}.` })
  }
  return principal
}

async function checkRate(c: ServiceContext, principal: Principal, limit: RateLimit): Promise<void> {
  const address = c.env?.incoming?.socket?.remoteAddress ?? 'unknown'
  const caller = principal.kind === 'anonymous' ? ADDRESS_CALLER + address : principalKey(principal)
  const rate = await limit(caller)
  if (rate === undefined) return
  c.header('ratelimit', `limit=${rate.limit}, remaining=${rate.remaining}, reset=${rate.resetS}`)
  if (!rate.allowed) {
    throw new Refusal('request.rate-limited', {
      detail: `At most ${rate.limit} requests are allowed; wait ${rate.resetS} s.`,
      retryAfterS: rate.resetS,
    })
  }
}

function checkUrl(url: string): void {
  if (url.length > URL_CHARACTERS_MAX) throw new Refusal('request.malformed', { detail: 'The URL is too long.' })
  if (!url.includes('%')) return
  let text: string
  try {
    text = decodeURIComponent(url.replaceAll('+', ' '))
  } catch (error) {
    throw new Refusal('request.malformed', {
      detail: 'The URL holds a percent escape that is not UTF-8.',
      cause: error,
    })
  }
  checkText(text)
}

function answerProblem(c: Context<ServiceEnv>, error: unknown, log: Log): Response {
  const requestId = c.get('requestId')
  const { status, headers, body, bug } = problemOf(error, requestId)
  const line = { request_id: requestId, method: c.req.method, path: c.req.path, status, err: error }
  if (bug) log.error(line, 'a request failed unexpectedly')
  else if (status >= 500) log.warn(line, 'a request could not be served')
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, headers)
}

function notFound(router: PolicyRouter<RoutedHandler>, c: Context<ServiceEnv>): Refusal {
  const decision = router.decide(c.req.method, c.req.path)
  if ('policy' in decision || decision.allowed.length === 0) {
    return new Refusal('resource.missing', { detail: 'There is nothing at this path.' })
  }
  c.header('allow', decision.allowed.join(', '))
  return new Refusal('method.not-allowed', { detail: `This path answers ${decision.allowed.join(', ')}.` })
}
