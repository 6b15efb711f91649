import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { objectKey } from './object-key.ts'
import {
  type ByteRange,
  type ListedObject,
  type ObjectInfo,
  type ObjectStore,
  ObjectStoreError,
  type SignOptions,
  type StoredObject,
} from './object-store.ts'
import { asStoreError, isAbsent, isBeyondEnd, storeError } from './s3-failure.ts'
import { REDIRECT_FIELD, s3Upload, SHA256_FIELD } from './s3-upload.ts'

export type S3ObjectStoreOptions = {
  /** A bucket's name, an access point's alias, or an access point's ARN. */
  bucket: string
  /** Where the bucket lies. */
  region: string
  /** Keyless, from `awsWebIdentity`; an emulator takes any. */
  credentials: NonNullable<S3ClientConfig['credentials']>
  /** An emulator's, e.g. `http://127.0.0.1:5000`. */
  endpoint?: string
  now: Clock
}

/** Tries of one call, with jitter between them. */
const ATTEMPTS = 4
const CONNECT_MS_MAX = 2_000
/** Longest silence on a connection, in ms; also ends a body that nobody reads. */
const SILENCE_MS_MAX = 30_000
const CONNECTIONS_MAX = 128
const DELETE_BATCH = 1_000
/** S3's own bound on a URL's life, in s. */
const EXPIRES_S_MAX = 604_800

/**
 * Objects of an S3 bucket, or of what an access point shows of it.
 *
 * An object is one PUT, or parts that one completion shows. Its etag follows from its bytes: the same bytes have the same
 * etag again. An object that others wrote, or that was sent in parts without an announced digest, has no `sha256`. A
 * signed PUT binds the type; S3 cannot bound the length in a URL, so `bytesMax` is for the one who takes the object in.
 */
export function s3ObjectStore(options: S3ObjectStoreOptions): ObjectStore & Disposable {
  const { bucket, now } = options
  const client = s3Client(options)
  const at = (key: string): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: objectKey(key) })

  return {
    async put(key, body, putOptions) {
      const target = { client, bucket, key: objectKey(key) }
      const { bytes, sha256, etag } = await s3Upload(target, body, putOptions)
      const { contentType, cacheControl, redirect } = putOptions
      const info = { key, bytes, etag, contentType, cacheControl, modifiedAt: rfc3339(now()), sha256 }
      return redirect === undefined ? info : { ...info, redirect }
    },
    async get(key, { range, signal } = {}) {
      const names = at(key)
      try {
        const found = await client.send(
          new GetObjectCommand({ ...names, ...(range === undefined ? {} : { Range: rangeText(range) }) }),
          signal === undefined ? {} : { abortSignal: signal },
        )
        return storedOf(key, found, signal)
      } catch (error) {
        if (isBeyondEnd(error)) return await emptyOf(client, names)
        if (isAbsent(error)) return undefined
        signal?.throwIfAborted()
        throw storeError(key, error)
      }
    },
    async head(key) {
      return await headOf(client, at(key))
    },
    async *list(prefix, { after = '', signal } = {}) {
      yield* listed(client, bucket, prefix, after, signal)
    },
    async delete(keys) {
      const wanted = keys.map(key => ({ Key: objectKey(key) }))
      for (let from = 0; from < wanted.length; from += DELETE_BATCH) {
        await deleteSome(client, bucket, wanted.slice(from, from + DELETE_BATCH))
      }
    },
    async sign(signOptions) {
      return await signed(client, at(signOptions.key), signOptions)
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

function s3Client({ region, credentials, endpoint }: S3ObjectStoreOptions): S3Client {
  return new S3Client({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    // Checksums that the SDK adds by itself would be those of the empty body in a signed URL.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    useArnRegion: true,
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      socketTimeout: SILENCE_MS_MAX,
      httpAgent: { keepAlive: true, maxSockets: CONNECTIONS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: CONNECTIONS_MAX },
    },
  })
}

type Names = { Bucket: string; Key: string }

async function headOf(client: S3Client, names: Names): Promise<ObjectInfo | undefined> {
  try {
    const found = await client.send(new HeadObjectCommand(names))
    return infoOf(names.Key, found, found.ContentLength ?? 0)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw storeError(names.Key, error)
  }
}

async function emptyOf(client: S3Client, names: Names): Promise<StoredObject | undefined> {
  const info = await headOf(client, names)
  return info && { ...info, length: 0, body: ReadableStream.from<Uint8Array>([]) }
}

function storedOf(key: string, found: GetObjectCommandOutput, signal: AbortSignal | undefined): StoredObject {
  const length = found.ContentLength ?? 0
  const whole = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1]
  return {
    ...infoOf(key, found, whole === undefined ? length : Number(whole)),
    length,
    body: bodyOf(key, found, signal),
  }
}

async function* bodyOf(
  key: string,
  { Body }: GetObjectCommandOutput,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (Body === undefined) return
  try {
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted()
      yield chunk
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw storeError(key, error)
  }
}

function infoOf(key: string, found: HeadObjectCommandOutput | GetObjectCommandOutput, bytes: number): ObjectInfo {
  const redirect = found.Metadata?.[REDIRECT_FIELD]
  return {
    key,
    bytes,
    etag: found.ETag ?? '',
    contentType: found.ContentType ?? 'application/octet-stream',
    cacheControl: found.CacheControl,
    modifiedAt: rfc3339(found.LastModified?.getTime() ?? 0),
    sha256: found.Metadata?.[SHA256_FIELD],
    ...(redirect === undefined ? {} : { redirect }),
  }
}

async function* listed(
  client: S3Client,
  bucket: string,
  prefix: string,
  after: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ListedObject> {
  let from = after
  for (;;) {
    signal?.throwIfAborted()
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      ...(from === '' ? {} : { StartAfter: from }),
    })
    const abort = signal === undefined ? {} : { abortSignal: signal }
    const page = await asStoreError(prefix, () => client.send(command, abort), signal)
    for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      yield { key: Key, bytes: Size, etag: ETag, modifiedAt: rfc3339(LastModified?.getTime() ?? 0) }
    }
    const last = page.Contents?.at(-1)?.Key
    if (page.IsTruncated !== true || last === undefined) return
    from = last
  }
}

async function deleteSome(client: S3Client, bucket: string, objects: readonly { Key: string }[]): Promise<void> {
  const key = objects[0]?.Key ?? ''
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [...objects], Quiet: true } })
  const { Errors = [] } = await asStoreError(key, () => client.send(command))
  const [first] = Errors
  if (first !== undefined) {
    throw new ObjectStoreError('unavailable', first.Key ?? key, `An object could not be deleted: ${first.Code}.`)
  }
}

async function signed(client: S3Client, names: Names, options: SignOptions): Promise<string> {
  const expiresIn = Math.min(options.expiresInS, EXPIRES_S_MAX)
  return await asStoreError(names.Key, async () => {
    if (options.method === 'GET') return await getSignedUrl(client, new GetObjectCommand(names), { expiresIn })
    const { contentType } = options
    const command = new PutObjectCommand({
      ...names,
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    })
    return await getSignedUrl(client, command, { expiresIn, signableHeaders: new Set(['content-type']) })
  })
}

function rangeText({ first, last }: ByteRange): string {
  return `bytes=${first}-${last ?? ''}`
}
