import type { z } from 'zod'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'

/** How often a lost race over one object is tried again before it counts as a fault. */
const UPDATE_ATTEMPTS_MAX = 32
/** How often a document that was replaced while it was read is read again. */
const READ_ATTEMPTS_MAX = 8

/** A value and the etag that names exactly this version of it. */
export type VersionedJson<T> = { value: T; etag: string }

/** Small JSON documents under keys of an object store, changed by compare and set. */
export type JsonObjects = {
  /** The document, or undefined when absent; throws ZodError when it is not of the schema. */
  read<T>(key: string, schema: z.ZodType<T>): Promise<VersionedJson<T> | undefined>
  /** Writes over exactly the version named (`absent` for a first write); throws `ObjectStoreError` `precondition`. */
  write(key: string, value: unknown, ifMatch: string): Promise<string>
  /** Reads, changes and writes until no other writer came between; undefined from `change` leaves it as it is. */
  update<T>(
    key: string,
    schema: z.ZodType<T>,
    change: (current: T | undefined) => T | undefined,
  ): Promise<T | undefined>
}

/** Documents of an object store; every write is conditional, so two processes never overwrite each other unseen. */
export function jsonObjects(store: ObjectStore): JsonObjects {
  async function read<T>(key: string, schema: z.ZodType<T>): Promise<VersionedJson<T> | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await readOnce(key, schema)
      } catch (error) {
        // A store may say so when another writer came between opening and reading.
        const again = error instanceof ObjectStoreError && error.kind === 'unavailable'
        if (!again || attempt === READ_ATTEMPTS_MAX) throw error
      }
    }
  }

  async function readOnce<T>(key: string, schema: z.ZodType<T>): Promise<VersionedJson<T> | undefined> {
    const object = await store.get(key)
    if (object === undefined) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of object.body) chunks.push(chunk)
    return { value: schema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))), etag: object.etag }
  }

  async function write(key: string, value: unknown, ifMatch: string): Promise<string> {
    const body = Buffer.from(JSON.stringify(value))
    const info = await store.put(key, body, { contentType: 'application/json', cacheControl: 'no-store', ifMatch })
    return info.etag
  }

  async function update<T>(key: string, schema: z.ZodType<T>, change: (current: T | undefined) => T | undefined) {
    for (let attempt = 1; ; attempt += 1) {
      const current = await read(key, schema)
      const changed = change(current?.value)
      if (changed === undefined) return current?.value
      try {
        await write(key, changed, current?.etag ?? 'absent')
        return changed
      } catch (error) {
        if (!isLostRace(error) || attempt === UPDATE_ATTEMPTS_MAX) throw error
      }
    }
  }

  return { read, write, update }
}

/** Whether a conditional write failed because another writer came first. */
export function isLostRace(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.kind === 'precondition'
}
