import { BoxSplitter } from '#shared/media/isobmff/box-splitter.ts'
import { IsobmffError } from '#shared/media/isobmff/isobmff-error.ts'
import { readTrackHeader, sampleEntryOf, type TrackHeader } from '#shared/media/isobmff/track-header.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { readObject } from './read-object.ts'

/** What a track's initialization segment says. */
export type TrackInit = { header: TrackHeader; sampleEntry: Uint8Array }

/** Initialization segments, read once: they never change. */
export type TrackInits = {
  /** Of a stored one, by its key; undefined when it is missing or damaged. */
  stored(key: string): Promise<TrackInit | undefined>
}

const INIT_BYTES_MAX = 64 * 1024
/** Inits kept; one show has a handful. */
const KEPT_MAX = 512

export function trackInits(store: ObjectStore): TrackInits {
  const kept = new Map<string, TrackInit>()
  return {
    stored: async key => {
      const known = kept.get(key)
      if (known !== undefined) return known
      const bytes = await readObject(store, key, INIT_BYTES_MAX)
      const init = bytes === undefined ? undefined : readTrackInit(bytes)
      if (init === undefined) return undefined
      kept.set(key, init)
      const [oldest] = kept.keys()
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
      return init
    },
  }
}

/** Reads `ftyp` and `moov`; undefined when the bytes are something else. */
export function readTrackInit(bytes: Uint8Array): TrackInit | undefined {
  try {
    const moov = new BoxSplitter(INIT_BYTES_MAX).push(bytes).find(({ type }) => type === 'moov')
    if (moov === undefined) return undefined
    return { header: readTrackHeader(moov.bytes), sampleEntry: sampleEntryOf(bytes) }
  } catch (error) {
    if (error instanceof IsobmffError) return undefined
    throw error
  }
}
