import { HTTPException } from 'hono/http-exception'
import { ZodError } from 'zod'
import { Refusal, type RefusalCode, REFUSALS } from '#shared/domain/refusal.ts'
import { DatabaseError, type DatabaseErrorKind } from '#shared/ports/database/database.ts'
import { ObjectStoreError, type ObjectStoreErrorKind } from '#shared/ports/object-store/object-store.ts'

/** An answer that says what went wrong, as RFC 9457 has it. */
export type ProblemAnswer = {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
  /** Set when the failure is a bug of ours and belongs in the log with its stack. */
  bug: boolean
}

export const PROBLEM_TYPE = 'application/problem+json'
const PROBLEM_BASE = 'https://showreel.dev/problems/'
const UNAVAILABLE_RETRY_S = 1
/** Most field complaints listed in one answer. */
const ERRORS_MAX = 20

const HTTP_CODES: Readonly<Record<number, RefusalCode>> = {
  400: 'request.malformed',
  401: 'auth.invalid',
  403: 'auth.forbidden',
  404: 'resource.missing',
  405: 'method.not-allowed',
  408: 'request.timeout',
  413: 'request.too-large',
  415: 'request.unsupported-type',
  422: 'request.invalid',
  429: 'request.rate-limited',
  503: 'service.unavailable',
}

type Known = { code: RefusalCode; detail: string } | undefined

/** A wrong statement or key is a bug of ours and has no refusal. */
const DATABASE_REFUSALS: Readonly<Record<DatabaseErrorKind, Known>> = {
  conflict: { code: 'conflict.duplicate', detail: 'Another request changed the same thing first.' },
  missing: { code: 'resource.missing', detail: 'Something this request refers to does not exist.' },
  unavailable: { code: 'service.unavailable', detail: 'The database does not answer.' },
  invalid: undefined,
}
const STORE_REFUSALS: Readonly<Record<ObjectStoreErrorKind, Known>> = {
  precondition: { code: 'conflict.duplicate', detail: 'The object was changed by another writer first.' },
  full: { code: 'storage.full', detail: 'There is no room left for this object.' },
  unavailable: { code: 'service.unavailable', detail: 'The object store does not answer.' },
  digest: { code: 'request.invalid', detail: 'The bytes do not match their digest.' },
  'invalid-key': undefined,
}

/** Turns any failure into problem+json through the one table of refusals; what is not expected answers a plain 500. */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  const refusal = refusalOf(error)
  if (refusal === undefined) {
    return {
      status: 500,
      headers: { 'content-type': PROBLEM_TYPE },
      body: {
        type: `${PROBLEM_BASE}internal`,
        title: 'Something went wrong on our side',
        status: 500,
        detail: 'The failure is logged under this request id.',
        code: 'internal',
        request_id: requestId,
        retryable: true,
      },
      bug: true,
    }
  }
  const { status, title, retryable } = REFUSALS[refusal.code]
  const retryAfterS = refusal.retryAfterS ?? (status === 503 || status === 507 ? UNAVAILABLE_RETRY_S : undefined)
  return {
    status,
    headers: {
      'content-type': PROBLEM_TYPE,
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterS))) }),
      // What is left of the body is not taken: the connection cannot carry another request.
      ...(status === 413 ? { connection: 'close' } : {}),
      ...(status === 401 ? { 'www-authenticate': wwwAuthenticate(refusal.code) } : {}),
    },
    body: {
      ...refusal.extra,
      type: PROBLEM_BASE + refusal.code,
      title,
      status,
      detail: refusal.message,
      code: refusal.code,
      ...(refusal.param === undefined ? {} : { param: refusal.param }),
      request_id: requestId,
      retryable,
    },
    bug: false,
  }
}

/** The refusal that an expected failure stands for; undefined for a bug. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (error instanceof ZodError) return refusalOfZod(error)
  if (error instanceof HTTPException) return refusalOfHttp(error)
  if (error instanceof SyntaxError) {
    return new Refusal('request.malformed', { detail: 'The body is not valid JSON.', cause: error })
  }
  if (error instanceof DatabaseError) return refusalOfDatabase(error)
  if (error instanceof ObjectStoreError) return refusalOfStore(error)
  return undefined
}

/** `request.invalid` with the first field at fault as `param` and all of them as `errors`. */
export function refusalOfZod(error: ZodError, where?: string): Refusal {
  const errors = error.issues.slice(0, ERRORS_MAX).map(issue => {
    const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
    return { param: pointer([...issue.path, ...unknownKey], where), message: issue.message }
  })
  const [first] = errors
  return new Refusal('request.invalid', {
    detail:
      first === undefined
        ? 'The request does not fit its schema.'
        : `${first.param || 'The request'}: ${first.message}`,
    ...(first === undefined ? {} : { param: first.param }),
    extra: { errors },
    cause: error,
  })
}

/** RFC 6901 pointer into a JSON body; a plain name in a query or path. */
function pointer(path: readonly PropertyKey[], where: string | undefined): string {
  const parts = path.map(String)
  if (where === 'query' || where === 'param' || where === 'header') return parts.join('.')
  return parts.map(part => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function refusalOfHttp(error: HTTPException): Refusal | undefined {
  const code = HTTP_CODES[error.status]
  if (code === undefined) return undefined
  return new Refusal(code, { detail: error.message || REFUSALS[code].title, cause: error })
}

function refusalOfDatabase(error: DatabaseError): Refusal | undefined {
  const known = DATABASE_REFUSALS[error.kind]
  return known && new Refusal(known.code, { detail: known.detail, cause: error })
}

function refusalOfStore(error: ObjectStoreError): Refusal | undefined {
  const known = STORE_REFUSALS[error.kind]
  return known && new Refusal(known.code, { detail: known.detail, cause: error })
}

function wwwAuthenticate(code: RefusalCode): string {
  return code === 'auth.missing' ? 'Bearer' : 'Bearer error="invalid_token"'
}
