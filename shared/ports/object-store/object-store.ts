export type ObjectInfo = {
  key: string
  bytes: number
  /** Changes with the bytes, in some stores with every write; quoted as in HTTP. */
  etag: string
  contentType: string
  cacheControl: string | undefined
  /** To the second at least; `put` tells it by the writer's clock. */
  modifiedAt: string
  /** Absent where the store does not know it: of objects that others wrote past this port. */
  sha256: string | undefined
  /** Where a reader is sent instead: a path relative to the object's own. */
  redirect?: string
}

/** What a list tells of an object; `head` tells the rest. */
export type ListedObject = Pick<ObjectInfo, 'key' | 'bytes' | 'etag' | 'modifiedAt'>

export type StoredObject = ObjectInfo & {
  /** Length of `body`; less than `bytes` for a range. */
  length: number
  body: AsyncIterable<Uint8Array>
}

export type PutOptions = {
  contentType: string
  cacheControl?: string
  /** Makes the object a signpost: whoever asks the origin for it is sent to this path, relative to the object's own. */
  redirect?: string
  /** Refuses a body whose digest differs. */
  sha256?: string
  /** Compare and set: only over the object with this (quoted) etag, or the word `absent` for a first write. */
  ifMatch?: string
  signal?: AbortSignal
}

/** First and last byte, inclusive, as in RFC 9110 14.1.2. */
export type ByteRange = { first: number; last?: number }

export type SignOptions = {
  method: 'GET' | 'PUT'
  key: string
  expiresInS: number
  /** PUT only: largest body accepted. */
  bytesMax?: number
  /** PUT only: the type the client must send. */
  contentType?: string
}

export type ObjectStoreErrorKind = 'precondition' | 'digest' | 'full' | 'invalid-key' | 'unavailable'

export class ObjectStoreError extends Error {
  readonly kind: ObjectStoreErrorKind
  readonly key: string

  constructor(kind: ObjectStoreErrorKind, key: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ObjectStoreError'
    this.kind = kind
    this.key = key
  }
}

/**
 * Immutable-friendly blobs under `/`-separated keys (1..1024 characters of `A-Za-z0-9._-/`, no empty, `.` or `..` part).
 *
 * A reader sees an object whole or not at all, however the writer dies. `put` overwrites unless `ifMatch` says otherwise.
 * Lists are in key order. Throws `ObjectStoreError`.
 */
export interface ObjectStore {
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions): Promise<ObjectInfo>
  get(key: string, options?: { range?: ByteRange; signal?: AbortSignal }): Promise<StoredObject | undefined>
  head(key: string): Promise<ObjectInfo | undefined>
  list(prefix: string, options?: { after?: string; signal?: AbortSignal }): AsyncIterable<ListedObject>
  /** Deleting what is absent succeeds. */
  delete(keys: readonly string[]): Promise<void>
  /** A URL that grants exactly one method on exactly one key until it expires. */
  sign(options: SignOptions): Promise<string>
}
