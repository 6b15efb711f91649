import type { ObjectStore } from '../object-store/object-store.ts'
import type { EncodeRecord } from './encode-record.ts'

const OBJECTS_AT_ONCE = 200

/** What the folders of all runs of an encode begin with; no other encode's do. */
export function foldersOf({ spec }: EncodeRecord): string {
  return `${spec.prefix}${spec.jobId}.`
}

/** The folder of one run; of the newest when none is named. */
export function folderOf(record: EncodeRecord, run = record.run): string {
  return `${foldersOf(record)}${run}/`
}

/** Deletes everything under a prefix. */
export async function sweepObjects(store: ObjectStore, prefix: string): Promise<void> {
  let keys: string[] = []
  for await (const { key } of store.list(prefix)) {
    keys.push(key)
    if (keys.length < OBJECTS_AT_ONCE) continue
    await store.delete(keys)
    keys = []
  }
  await store.delete(keys)
}
