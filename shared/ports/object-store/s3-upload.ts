import { createHash, randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ObjectStoreError, type PutOptions } from './object-store.ts'
import { asStoreError, isLostWrite } from './s3-failure.ts'

/** A body up to this length is one request; a longer one goes up in parts of this length. */
const PART_BYTES = 8 * 1024 * 1024
/** S3's own bound. */
const PARTS_MAX = 10_000
/** Metadata of ours: the body's SHA-256, where a reader is sent, and which write made the object. */
export const SHA256_FIELD = 'sha256'
export const REDIRECT_FIELD = 'redirect'
const WRITE_FIELD = 'write'

/** Where a body goes. */
export type S3Target = { client: S3Client; bucket: string; key: string }
export type S3Uploaded = { bytes: number; sha256: string; etag: string }

/**
 * Writes a body of any length; nothing is visible before all of it is there.
 *
 * Throws `ObjectStoreError`: `digest` when it is not the body that was announced, `precondition` when `ifMatch` does not
 * hold. What the body itself throws passes through, and parts that were sent are given up.
 */
export async function s3Upload(
  target: S3Target,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<S3Uploaded> {
  const hash = createHash('sha256')
  const upload = new PartedUpload(target, options)
  let bytes = 0
  try {
    for await (const part of partsOf(body, options.signal)) {
      hash.update(part.bytes)
      bytes += part.bytes.byteLength
      if (part.whole) {
        const sha256 = hash.digest('hex')
        checkDigest(target.key, options, sha256)
        return { bytes, sha256, etag: await putWhole(target, part.bytes, sha256, options) }
      }
      await upload.send(part.bytes)
    }
    const sha256 = hash.digest('hex')
    checkDigest(target.key, options, sha256)
    return { bytes, sha256, etag: await upload.complete() }
  } catch (error) {
    await upload.abandon()
    throw error
  }
}

type Part = { bytes: Uint8Array; whole: boolean }

/** The body in pieces of `PART_BYTES`, the last one shorter; `whole` when the one piece is all of it. */
async function* partsOf(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Part> {
  let held: Uint8Array[] = []
  let length = 0
  let first = true
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    signal?.throwIfAborted()
    held.push(chunk)
    length += chunk.byteLength
    if (length <= PART_BYTES) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; length - at > PART_BYTES; at += PART_BYTES) {
      yield { bytes: all.subarray(at, at + PART_BYTES), whole: false }
      first = false
    }
    held = [all.subarray(at)]
    length -= at
  }
  signal?.throwIfAborted()
  yield { bytes: Buffer.concat(held), whole: first }
}

async function putWhole(
  { client, bucket, key }: S3Target,
  body: Uint8Array,
  sha256: string,
  options: PutOptions,
): Promise<string> {
  const write = randomUUID()
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentLength: body.byteLength,
    ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
    ...describe(key, options, sha256, write),
    ...condition(options),
  })
  return await asStoreError(
    key,
    async () => {
      try {
        return etagOf((await client.send(command, abortable(options))).ETag)
      } catch (error) {
        const ours = options.ifMatch === undefined ? undefined : await etagOfOurs({ client, bucket, key }, write, error)
        if (ours === undefined) throw error
        return ours
      }
    },
    options.signal,
  )
}

/**
 * The etag of the object when this very write made it: a conditional write whose answer was lost is sent again by the
 * client and then loses against itself.
 */
async function etagOfOurs(
  { client, bucket, key }: S3Target,
  write: string,
  error: unknown,
): Promise<string | undefined> {
  const again = error instanceof S3ServiceException && (error.$metadata.attempts ?? 1) > 1
  if (!again || !isLostWrite(error)) return undefined
  const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  return found.Metadata?.[WRITE_FIELD] === write ? etagOf(found.ETag) : undefined
}

/** Parts of one object; made with the first part, shown by `complete`. */
class PartedUpload {
  readonly #target: S3Target
  readonly #options: PutOptions
  readonly #parts: CompletedPart[] = []
  #uploadId: string | undefined

  constructor(target: S3Target, options: PutOptions) {
    this.#target = target
    this.#options = options
  }

  async send(bytes: Uint8Array): Promise<void> {
    const { key } = this.#target
    const number = this.#parts.length + 1
    if (number > PARTS_MAX) throw new ObjectStoreError('full', key, 'The body has more parts than an object takes.')
    const etag = await this.#call(async at => {
      this.#uploadId ??= await this.#create()
      const sent = await at.client.send(
        new UploadPartCommand({ ...this.#names(), PartNumber: number, Body: bytes, ContentLength: bytes.byteLength }),
        abortable(this.#options),
      )
      return etagOf(sent.ETag)
    })
    this.#parts.push({ PartNumber: number, ETag: etag })
  }

  async complete(): Promise<string> {
    return await this.#call(async ({ client }) => {
      const done = await client.send(
        new CompleteMultipartUploadCommand({
          ...this.#names(),
          MultipartUpload: { Parts: this.#parts },
          ...condition(this.#options),
        }),
        abortable(this.#options),
      )
      this.#uploadId = undefined
      return etagOf(done.ETag)
    })
  }

  /** Gives the sent parts up; what stays behind because of a fault, the bucket's lifecycle removes. */
  async abandon(): Promise<void> {
    if (this.#uploadId === undefined) return
    try {
      await this.#target.client.send(new AbortMultipartUploadCommand(this.#names()))
    } catch {
      // The first failure is the one to tell.
    }
  }

  async #create(): Promise<string | undefined> {
    const { client, bucket, key } = this.#target
    const made = await client.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        ...describe(key, this.#options, this.#options.sha256, randomUUID()),
      }),
      abortable(this.#options),
    )
    return made.UploadId
  }

  #names(): { Bucket: string; Key: string; UploadId: string | undefined } {
    return { Bucket: this.#target.bucket, Key: this.#target.key, UploadId: this.#uploadId }
  }

  async #call<Result>(work: (target: S3Target) => Promise<Result>): Promise<Result> {
    return await asStoreError(this.#target.key, () => work(this.#target), this.#options.signal)
  }
}

function describe(key: string, options: PutOptions, sha256: string | undefined, write: string) {
  const { contentType, cacheControl, redirect } = options
  return {
    ContentType: contentType,
    ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
    // S3 takes a path from the bucket's root; ours is kept beside it, as it was given.
    ...(redirect === undefined ? {} : { WebsiteRedirectLocation: new URL(redirect, `http://bucket/${key}`).pathname }),
    Metadata: {
      [WRITE_FIELD]: write,
      ...(sha256 === undefined ? {} : { [SHA256_FIELD]: sha256 }),
      ...(redirect === undefined ? {} : { [REDIRECT_FIELD]: redirect }),
    },
  }
}

function condition({ ifMatch }: PutOptions): { IfMatch?: string; IfNoneMatch?: string } {
  if (ifMatch === undefined) return {}
  return ifMatch === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: ifMatch }
}

function abortable({ signal }: PutOptions): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal }
}

function etagOf(etag: string | undefined): string {
  if (etag === undefined) throw new Error('S3 gave no etag.')
  return etag
}

function checkDigest(key: string, { sha256: announced }: PutOptions, sha256: string): void {
  if (announced === undefined || announced === sha256) return
  throw new ObjectStoreError('digest', key, 'The body does not have the digest it was announced with.')
}
