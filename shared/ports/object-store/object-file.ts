import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { ObjectInfo } from './object-store.ts'

/**
 * One object is one file, so that one rename shows it whole: the body, then its facts as JSON, then a footer of the
 * facts' length (4 bytes, big endian) and the mark `SHOW`.
 */
export type ObjectFacts = Omit<ObjectInfo, 'key' | 'cacheControl'> & { cacheControl?: string }

const MARK = Buffer.from('SHOW')
const FOOTER_BYTES = 8
const FACTS_BYTES_MAX = 16_384
/** Read at once from the end; holds the facts of any object of ours. */
const TAIL_BYTES = 1024

/** What a body came to while it was written. */
export type WrittenBody = { bytes: number; sha256: string }

/** Writes the body from the file's start and tells its length and digest. */
export async function writeBody(
  file: FileHandle,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<WrittenBody> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    signal?.throwIfAborted()
    hash.update(chunk)
    await writeAll(file, chunk)
    bytes += chunk.byteLength
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Ends the file with its facts. */
export async function writeFacts(file: FileHandle, facts: ObjectFacts): Promise<void> {
  const json = Buffer.from(JSON.stringify(facts))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.byteLength)
  await writeAll(file, Buffer.concat([json, length, MARK]))
}

/** The facts at the end of an object's file; undefined when the file is not one of ours. */
export async function readFacts(file: FileHandle): Promise<ObjectFacts | undefined> {
  const { size } = await file.stat()
  let tail = await readEnd(file, size, TAIL_BYTES)
  if (tail.byteLength < FOOTER_BYTES || !tail.subarray(-4).equals(MARK)) return undefined
  const length = tail.readUInt32BE(tail.byteLength - FOOTER_BYTES)
  if (length > FACTS_BYTES_MAX || length + FOOTER_BYTES > size) return undefined
  if (length + FOOTER_BYTES > tail.byteLength) tail = await readEnd(file, size, length + FOOTER_BYTES)
  const end = tail.byteLength - FOOTER_BYTES
  const facts = JSON.parse(tail.toString('utf8', end - length, end)) as ObjectFacts
  return facts.bytes + length + FOOTER_BYTES === size ? facts : undefined
}

async function readEnd(file: FileHandle, size: number, wanted: number): Promise<Buffer> {
  const length = Math.min(size, wanted)
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, size - length)
  return buffer.subarray(0, bytesRead)
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0
  while (at < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at)
    at += bytesWritten
  }
}
