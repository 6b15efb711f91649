import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { rfc3339 } from '#shared/domain/clock.ts'
import { awaitName, directoryName, privateName } from '#shared/service/held-name.ts'
import { sweepDrafts } from './object-drafts.ts'
import { type ObjectFacts, readFacts, writeBody, writeFacts } from './object-file.ts'
import { objectKey } from './object-key.ts'
import { type ObjectInfo, type ObjectStore, ObjectStoreError, type PutOptions } from './object-store.ts'
import { keysIn, OBJECT_SUFFIX } from './object-tree.ts'
import { signObjectUrl, type UrlSigning } from './signed-object-url.ts'

export type DirectoryObjectStoreOptions = {
  /** Shared by every process that names it. */
  directory: string
  signing: UrlSigning
}

const READ_CHUNK_BYTES = 256 * 1024
/** How often a put makes its folder again when a delete takes it away at the same time. */
const RENAME_TRIES = 5
/** Locks that all keys share; two keys on one lock only wait for each other. */
const LOCKS = 64
/** Longest wait for another process that writes the same key, in ms. */
const LOCK_MS_MAX = 10_000
/** The name of drafts this process has open. */
const drafts = new Set<string>()

/**
 * Objects as files of a local directory; several processes may share it.
 *
 * A put is written beside, synced, and shown by one rename, so a killed writer leaves nothing to see; its draft goes at
 * the next open. Compare and set holds between processes. A part of a key has at most 250 characters.
 */
export function directoryObjectStore({ directory, signing }: DirectoryObjectStoreOptions): ObjectStore {
  const draftFolder = join(directory, 'drafts')
  sweepDrafts(draftFolder, name => drafts.has(name), signing.now())
  const root = join(realpathSync(directory), 'objects')
  const lockName = directoryName('objects', directory)
  const pathOf = (key: string): string => join(root, objectKey(key) + OBJECT_SUFFIX)

  const locked = async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const stripe = createHash('sha256').update(key).digest().readUInt16BE(0) % LOCKS
    await using _held = await awaitName(`${lockName}-${stripe}`, AbortSignal.timeout(LOCK_MS_MAX))
    return await work()
  }

  return {
    put: async (key, body, options) =>
      await told(key, async () => {
        const path = pathOf(key)
        const name = privateName()
        const draft = join(draftFolder, name)
        drafts.add(name)
        try {
          const facts = await writeDraft(draft, key, body, options, signing.now)
          await locked(key, async () => {
            await check(path, key, options.ifMatch)
            await show(draft, path)
          })
          return infoOf(key, facts)
        } finally {
          drafts.delete(name)
          await rm(draft, { force: true })
        }
      }),
    get: async (key, { range, signal } = {}) =>
      await told(key, async () => {
        const path = pathOf(key)
        const info = await infoAt(path, key)
        if (info === undefined) return undefined
        const first = Math.min(range?.first ?? 0, info.bytes)
        const end = Math.max(first, Math.min((range?.last ?? info.bytes - 1) + 1, info.bytes))
        return { ...info, length: end - first, body: chunks(path, info, first, end, signal) }
      }),
    head: async key => await told(key, async () => await infoAt(pathOf(key), key)),
    async *list(prefix, { after = '', signal } = {}) {
      for await (const key of keysIn(root, prefix, after, signal)) {
        const info = await told(key, async () => await infoAt(pathOf(key), key))
        if (info !== undefined) yield info
      }
    },
    async delete(keys) {
      for (const key of keys) {
        const path = pathOf(key)
        await told(key, async () => {
          await locked(key, async () => await rm(path, { force: true }))
          await pruneFolders(dirname(path), root)
        })
      }
    },
    sign: async options => signObjectUrl(signing, { ...options, key: objectKey(options.key) }),
  }
}

async function writeDraft(
  draft: string,
  key: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: PutOptions,
  now: () => number,
): Promise<ObjectFacts> {
  await using file = await open(draft, 'wx')
  const { bytes, sha256 } = await writeBody(file, body, options.signal)
  if (options.sha256 !== undefined && options.sha256 !== sha256) {
    throw new ObjectStoreError('digest', key, 'The body does not have the digest it was announced with.')
  }
  const facts: ObjectFacts = {
    bytes,
    sha256,
    etag: `"${randomBytes(12).toString('hex')}"`,
    contentType: options.contentType,
    modifiedAt: rfc3339(now()),
    ...(options.cacheControl === undefined ? {} : { cacheControl: options.cacheControl }),
    ...(options.redirect === undefined ? {} : { redirect: options.redirect }),
  }
  await writeFacts(file, facts)
  await file.sync()
  return facts
}

async function check(path: string, key: string, ifMatch: string | undefined): Promise<void> {
  if (ifMatch === undefined) return
  const current = await infoAt(path, key)
  if ((current?.etag ?? 'absent') !== ifMatch) {
    throw new ObjectStoreError('precondition', key, 'The object is not the one that was to be replaced.')
  }
}

async function show(draft: string, path: string): Promise<void> {
  const folder = dirname(path)
  for (let tries = 1; ; tries += 1) {
    try {
      await rename(draft, path)
      break
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === RENAME_TRIES) throw error
      await mkdir(folder, { recursive: true })
    }
  }
  await using handle = await open(folder, 'r')
  await handle.sync()
}

async function openObject(path: string): Promise<{ handle: FileHandle; facts: ObjectFacts } | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
  try {
    const facts = await readFacts(handle)
    if (facts !== undefined) return { handle, facts }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  throw new Error('An object file is damaged.')
}

async function infoAt(path: string, key: string): Promise<ObjectInfo | undefined> {
  const file = await openObject(path)
  if (file === undefined) return undefined
  await file.handle.close()
  return infoOf(key, file.facts)
}

function infoOf(key: string, facts: ObjectFacts): ObjectInfo {
  return { ...facts, key, cacheControl: facts.cacheControl }
}

/** Opens the file when it is first read, so that a body nobody reads holds nothing open. */
async function* chunks(
  path: string,
  { key, etag }: ObjectInfo,
  first: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const file = await openObject(path)
  if (file === undefined) throw new ObjectStoreError('unavailable', key, 'The object was deleted before it was read.')
  try {
    if (file.facts.etag !== etag) {
      throw new ObjectStoreError('unavailable', key, 'The object was replaced before it was read.')
    }
    for (let at = first; at < end;) {
      signal?.throwIfAborted()
      const buffer = Buffer.allocUnsafe(Math.min(READ_CHUNK_BYTES, end - at))
      const { bytesRead } = await file.handle.read(buffer, 0, buffer.byteLength, at)
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.handle.close()
  }
}

/** Removes folders that the delete left empty; a put that meets this makes them again. */
async function pruneFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length > root.length; at = dirname(at)) {
    try {
      await rmdir(at)
    } catch {
      return
    }
  }
}

async function told<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new ObjectStoreError('full', key, 'The object store is full.', { cause: error })
    }
    if (code !== undefined && !OF_THE_BODY.has(code)) {
      throw new ObjectStoreError('unavailable', key, `The object store failed (${code}).`, { cause: error })
    }
    throw error
  }
}

/** Codes of the stream a body came from, which are its sender's trouble and not the store's. */
const OF_THE_BODY = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** The code of a failed system call. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
