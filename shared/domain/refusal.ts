/**
 * Every expected failure of the product: its code, the HTTP status it maps to, its title and whether the same request
 * may succeed later. Anything that is not in this table is a bug and answers 500.
 */
export const REFUSALS = {
  'request.malformed': { status: 400, title: 'The request could not be read', retryable: false },
  'request.invalid': { status: 422, title: 'The request has invalid fields', retryable: false },
  'request.too-large': { status: 413, title: 'The request body is too large', retryable: false },
  'request.timeout': { status: 408, title: 'The request took too long to arrive', retryable: true },
  'request.unsupported-type': { status: 415, title: 'The body must be application/json', retryable: false },
  'request.rate-limited': { status: 429, title: 'Too many requests', retryable: true },
  'auth.missing': { status: 401, title: 'A bearer token is required', retryable: false },
  'auth.invalid': { status: 401, title: 'The bearer token is not valid', retryable: false },
  'auth.forbidden': { status: 403, title: 'This identity may not do that', retryable: false },
  'resource.missing': { status: 404, title: 'There is no such resource', retryable: false },
  'method.not-allowed': { status: 405, title: 'The resource has no such method', retryable: false },
  'version.mismatch': { status: 412, title: 'The resource has changed since it was read', retryable: false },
  'idempotency.key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    retryable: false,
  },
  'idempotency.in-flight': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
    retryable: true,
  },
  'state.illegal': { status: 409, title: 'The resource is not in a state that allows this', retryable: false },
  'conflict.duplicate': { status: 409, title: 'Something with this unique value exists already', retryable: false },
  'cursor.invalid': { status: 400, title: 'The cursor is not one of ours', retryable: false },
  'channel.too-many': { status: 409, title: 'There are as many of these as one creator may have', retryable: false },
  'stream.not-live': { status: 409, title: 'The stream is not live', retryable: false },
  'cue.too-large': { status: 422, title: 'A cue is at most 1 KB of JSON', retryable: false },
  'clip.outside-stream': { status: 422, title: 'The range is not inside the stream', retryable: false },
  'clip.range': { status: 422, title: 'The range of a clip must be 1 to 120 seconds', retryable: false },
  'clip.no-media': { status: 422, title: 'Nothing of this range was recorded', retryable: false },
  'clip.not-approved': { status: 409, title: 'The clip waits for a person to approve it', retryable: false },
  'clip.too-many': { status: 429, title: 'There are as many clips as one person may make in a day', retryable: true },
  'review.not-yours': { status: 409, title: 'This review needs another person', retryable: false },
  'job.lease-lost': { status: 409, title: 'The lease on this job has passed to another worker', retryable: false },
  'job.not-ready': { status: 409, title: 'The job is not waiting for a worker', retryable: false },
  'media.rejected': { status: 422, title: 'The media cannot be used', retryable: false },
  'object.too-large': { status: 413, title: 'The object is larger than its signed URL allows', retryable: false },
  'object.signature': { status: 403, title: 'The signed URL is not valid', retryable: false },
  'storage.full': { status: 507, title: 'The storage is full', retryable: true },
  'service.unavailable': { status: 503, title: 'A part this request needs is not available', retryable: true },
  'service.draining': { status: 503, title: 'This instance is shutting down', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>

export type RefusalCode = keyof typeof REFUSALS

export type RefusalOptions = {
  /** One plain sentence: what is wrong and what to do. */
  detail: string
  /** The field or parameter at fault, as a JSON pointer or a parameter name. */
  param?: string
  /** Seconds after which a retry makes sense; becomes `Retry-After`. */
  retryAfterS?: number
  /** Further members of the problem document, such as `legal_moves`. */
  extra?: Readonly<Record<string, unknown>>
  cause?: unknown
}

/** An expected failure: thrown by verbs, turned into problem+json (RFC 9457) by the one table above. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly param: string | undefined
  readonly retryAfterS: number | undefined
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: RefusalCode, options: RefusalOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Refusal'
    this.code = code
    this.param = options.param
    this.retryAfterS = options.retryAfterS
    this.extra = options.extra ?? {}
  }
}
