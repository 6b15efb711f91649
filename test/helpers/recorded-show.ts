import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'
import type { OpenShowOptions } from '#run-services/live/recorder/open-show.ts'

export const SHOW_ID = `play_${'a'.repeat(26)}`

/** An object store in a directory of its own, whose disk can be filled for media. */
export async function fillableStore() {
  const directory = await mkdtemp(join(tmpdir(), 'recording-'))
  const signing = { key: new Uint8Array(32), baseUrl: 'http://localhost/objects', now: Date.now }
  const store = directoryObjectStore({ directory, signing })
  const disk = { full: false, refused: 0 }
  const objects: ObjectStore = {
    ...store,
    async put(key, body, options) {
      if (!disk.full) return store.put(key, body, options)
      disk.refused += 1
      throw new ObjectStoreError('full', key, 'The object store is full.')
    },
  }
  return { objects, disk, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

/** Options of a recorded show that remember what they are told. */
export function recordedShowOptions(objects: ObjectStore, changes: Partial<OpenShowOptions> = {}) {
  const told = { stored: [] as StoredSegment[], failed: [] as string[], playable: [] as number[] }
  const options: OpenShowOptions = {
    streamId: SHOW_ID,
    latencyMode: 'low',
    dvrWindowS: 600,
    record: true,
    objects,
    now: Date.now,
    events: {
      segmentStored: segment => void told.stored.push(segment),
      recordingFailed: sentence => void told.failed.push(sentence),
      epochPlayable: epoch => void told.playable.push(epoch),
    },
    ...changes,
  }
  return { options, told }
}

/** The text of an object; empty when it is absent. */
export async function objectText(objects: ObjectStore, key: string): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of (await objects.get(key))?.body ?? []) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
