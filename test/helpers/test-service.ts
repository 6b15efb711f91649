import { generateKeyPair, SignJWT } from 'jose'
import type { Role } from '#shared/domain/route-policy.ts'
import { createLog, type Log } from '#shared/service/log.ts'
import { creatorIdOf, userTokenVerifier } from '#shared/service/user-token.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import type { ServiceAppOptions } from '#shared/service/service-app.ts'

export type CallOptions = { method?: string; body?: unknown; headers?: Record<string, string> }

/** One identity that calls an app: JSON in, the response out. */
export type Caller = (path: string, options?: CallOptions) => Promise<Response>

export type TestService = {
  /** What `serviceApp` and the apps built on it are given. */
  readonly options: ServiceAppOptions
  readonly log: Log
  /** Every line logged so far. */
  lines: () => string[]
  /** Ends the process, as far as the app is told. */
  drain: () => void
  userToken: (sub: string, roles?: readonly Role[]) => Promise<string>
  serviceToken: (audience: string, caller?: string) => Promise<string>
  /** The creator id of a test user. */
  idOf: (sub: string) => string
  /** Callers of an app, in process or (with a URL) over HTTP. */
  asUser: (target: Target, sub: string, roles?: readonly Role[]) => Caller
  asService: (target: Target, audience?: string, caller?: string) => Caller
  asNobody: (target: Target) => Caller
}

type Target = URL | { request(path: string, init: RequestInit): Response | Promise<Response> }

const ISSUER = 'https://issuer.test'
const AUDIENCE = 'showreel'
const SERVICE_KEY = new Uint8Array(32).fill(7)
const TOKEN_LIFE = '5 m'

/** What an app needs to be called in a test: an issuer of user tokens, a signer of service calls, a log that is kept. */
export async function testService(name = 'channels', overrides: Partial<ServiceAppOptions> = {}): Promise<TestService> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const calls = serviceCalls({ key: SERVICE_KEY, issuer: ISSUER, now: Date.now })
  const drain = new AbortController()
  const lines: string[] = []
  const log = createLog({ service: name, level: 'debug', destination: { write: line => void lines.push(line) } })
  const options: ServiceAppOptions = {
    service: name,
    log,
    drain: drain.signal,
    verifyUser: userTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: () => Promise.resolve(publicKey) }),
    verifyService: calls.verify,
    ...overrides,
  }

  const userToken = (sub: string, roles: readonly Role[] = ['creator']) =>
    new SignJWT({ roles, preferred_username: sub })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime(TOKEN_LIFE)
      .sign(privateKey)

  const caller =
    (target: Target, bearer?: () => Promise<string>): Caller =>
    async (path, { method, body, headers } = {}) => {
      const init: RequestInit = {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(bearer === undefined ? {} : { authorization: `Bearer ${await bearer()}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }
      return target instanceof URL ? fetch(new URL(path, target), init) : target.request(path, init)
    }

  return {
    options,
    log,
    lines: () => lines,
    drain: () => drain.abort(),
    userToken,
    serviceToken: (audience, from = 'test') => calls.sign(audience, from),
    idOf: sub => creatorIdOf(ISSUER, sub),
    asUser: (target, sub, roles) => caller(target, () => userToken(sub, roles)),
    asService: (target, audience = name, from = 'test') => caller(target, () => calls.sign(audience, from)),
    asNobody: target => caller(target),
  }
}
