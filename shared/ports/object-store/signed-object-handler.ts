import { Refusal, type RefusalCode, REFUSALS } from '#shared/domain/refusal.ts'
import { byteRange } from './byte-range.ts'
import { objectKey } from './object-key.ts'
import { type ObjectInfo, type ObjectStore, ObjectStoreError } from './object-store.ts'
import { type ObjectGrant, openObjectUrl, type UrlSigning } from './signed-object-url.ts'

/** Largest body of a PUT whose URL names no bound, in bytes. */
const BYTES_MAX_DEFAULT = 5 * 1024 ** 3

/**
 * Answers the URLs that a directory object store signs, and nothing else: GET and HEAD with ranges, PUT with the length
 * and the type that were granted. What is refused is problem+json. The path after `signing.baseUrl` is the key.
 */
export function signedObjectHandler(store: ObjectStore, signing: UrlSigning): (request: Request) => Promise<Response> {
  const base = `${new URL(signing.baseUrl).pathname.replace(/\/$/, '')}/`
  return async request => {
    try {
      const grant = granted(request, base, signing)
      return grant.method === 'PUT' ? await put(store, grant, request) : await get(store, grant, request)
    } catch (error) {
      return problem(refusalOf(error))
    }
  }
}

function granted(request: Request, base: string, signing: UrlSigning): ObjectGrant {
  const { pathname, searchParams } = new URL(request.url)
  const key = pathname.startsWith(base) ? pathname.slice(base.length) : ''
  const grant = openObjectUrl(signing, key, searchParams)
  if (grant === undefined) {
    throw new Refusal('object.signature', {
      detail: 'The URL was not signed by this store, was altered or has expired.',
    })
  }
  objectKey(key)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method !== grant.method) {
    throw new Refusal('object.signature', { detail: `This URL grants ${grant.method} and nothing else.` })
  }
  return grant
}

async function put(store: ObjectStore, grant: ObjectGrant, request: Request): Promise<Response> {
  const contentType = request.headers.get('content-type') ?? ''
  if (grant.contentType !== undefined && contentType !== grant.contentType) {
    throw new Refusal('request.unsupported-type', { detail: `This URL takes ${grant.contentType} only.` })
  }
  const bytesMax = grant.bytesMax ?? BYTES_MAX_DEFAULT
  const announced = request.headers.get('content-length')
  if (announced !== null && Number(announced) > bytesMax) throw tooLarge(bytesMax)
  const info = await store.put(grant.key, bounded(request.body, bytesMax, announced), {
    contentType: contentType === '' ? 'application/octet-stream' : contentType,
    signal: request.signal,
  })
  return new Response(null, { status: 200, headers: { etag: info.etag } })
}

/** The body as far as it was granted; a body that ends before its announced length is never stored. */
async function* bounded(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  announced: string | null,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    yield chunk
  }
  if (announced !== null && bytes !== Number(announced)) {
    throw new Refusal('request.malformed', { detail: 'The body ended before its announced length.' })
  }
}

async function get(store: ObjectStore, grant: ObjectGrant, request: Request): Promise<Response> {
  const info = await store.head(grant.key)
  if (info === undefined) throw new Refusal('resource.missing', { detail: 'There is no object at this URL.' })
  const headers = headersOf(info)
  if (request.headers.get('if-none-match') === info.etag) return new Response(null, { status: 304, headers })
  const range = byteRange(request.headers.get('range'), info.bytes)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${info.bytes}`)
    return new Response(null, { status: 416, headers })
  }
  const object = await store.get(grant.key, { signal: request.signal, ...(range === undefined ? {} : { range }) })
  if (object === undefined) throw new Refusal('resource.missing', { detail: 'There is no object at this URL.' })
  headers.set('content-length', String(object.length))
  if (range !== undefined) {
    headers.set('content-range', `bytes ${range.first}-${range.first + object.length - 1}/${object.bytes}`)
  }
  const body = request.method === 'HEAD' ? null : ReadableStream.from(object.body)
  return new Response(body, { status: range === undefined ? 200 : 206, headers })
}

function headersOf(info: ObjectInfo): Headers {
  return new Headers({
    'accept-ranges': 'bytes',
    'content-type': info.contentType,
    etag: info.etag,
    'last-modified': new Date(info.modifiedAt).toUTCString(),
    'cache-control': info.cacheControl ?? 'private, no-store',
    'x-content-type-options': 'nosniff',
  })
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal('object.too-large', { detail: `This URL takes at most ${bytesMax} bytes.` })
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof ObjectStoreError) return new Refusal(STORE_REFUSALS[error.kind], { detail: error.message })
  return new Refusal('service.unavailable', { detail: 'The object could not be moved.', cause: error })
}

const STORE_REFUSALS = {
  precondition: 'version.mismatch',
  digest: 'request.malformed',
  full: 'storage.full',
  'invalid-key': 'object.signature',
  unavailable: 'service.unavailable',
} as const satisfies Record<ObjectStoreError['kind'], RefusalCode>

function problem(refusal: Refusal): Response {
  const { status, title, retryable } = REFUSALS[refusal.code]
  const body = { type: 'about:blank', title, status, detail: refusal.message, code: refusal.code, retryable }
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } })
}
