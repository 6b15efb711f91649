import type { Clock } from '#shared/domain/clock.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { ShowEvents } from '../borders.ts'
import { PackagedShow } from '../packager/packaged-show.ts'
import type { ShowBeginning } from '../packager/show-storage.ts'
import { recordingPrefix, segmentPath } from '../packager/show-paths.ts'
import { ShowSegment } from '../packager/show-segment.ts'
import { ShowWindow } from '../packager/show-window.ts'
import { readStoredSegments } from './recording.ts'
import { type JournalBlock, showJournal, type ShowJournal } from './show-journal.ts'
import { ShowRecorder } from './show-recorder.ts'

/** Segments that may have been stored in part when a process died. */
const ORPHANS_MAX = 64

export type OpenShowOptions = {
  /** Also the show's playback id. */
  streamId: string
  latencyMode: 'low' | 'standard'
  dvrWindowS: number
  record: boolean
  objects: ObjectStore
  events: ShowEvents
  now: Clock
}

export type RestoredPackagedShow = {
  show: PackagedShow
  /** Stored segments from that sequence number on, in order. */
  segmentsFrom(seq: number): Promise<readonly StoredSegment[]>
  /** When its newest segment was stored (ms); undefined when it has none. */
  lastStoredAtMs: number | undefined
}

type Found = ShowBeginning & { block: { number: number; value: JournalBlock } | undefined; discontinuities: number }

/** Opens a new show; nothing of it exists before its first segment. */
export function openShow(options: OpenShowOptions): PackagedShow {
  const window = new ShowWindow({ dvrWindowS: options.dvrWindowS, recorded: options.record })
  return showFrom(options, {
    nextSeq: 0,
    home: undefined,
    window,
    epochs: [],
    stored: 0,
    durationMs: 0,
    block: undefined,
    discontinuities: 0,
  })
}

/**
 * Takes up a show whose process died, from what its journal says: playlists go on with the next sequence number, in a
 * folder of their own, after a discontinuity. `undefined` when nothing was written of it.
 */
export async function restoreShow(options: OpenShowOptions): Promise<RestoredPackagedShow | undefined> {
  const { objects, streamId } = options
  const journal = showJournal(objects, streamId)
  const head = await journal.readHead()
  if (head === undefined) return undefined
  const found = await findShow(options, journal, head.home)
  const last = found.block?.value.segments.at(-1)
  await removeOrphans(options, found)
  return {
    show: showFrom(options, found),
    lastStoredAtMs: last?.stored_at_ms,
    segmentsFrom: async seq => (await readStoredSegments(objects, streamId, seq, Infinity)) ?? [],
  }
}

function showFrom(options: OpenShowOptions, found: Found): PackagedShow {
  const { streamId, objects, events, now } = options
  let show: PackagedShow | undefined
  const storage = options.record
    ? new ShowRecorder({
        streamId,
        objects,
        journal: showJournal(objects, streamId),
        block: found.block,
        discontinuities: found.discontinuities,
        stored: { segments: found.stored, duration_ms: found.durationMs },
        home: found.home,
        produced: () => show?.totals().segmentsProduced ?? 0,
        settled: (segment, how) => show?.settled(segment, how),
        events,
        now,
      })
    : undefined
  show = new PackagedShow({ streamId, latencyMode: options.latencyMode, beginning: found, storage, events, now })
  return show
}

async function findShow(options: OpenShowOptions, journal: ShowJournal, home: string): Promise<Found> {
  const epochs = await journal.readEpochs()
  const byNumber = new Map(epochs.map(epoch => [epoch.epoch, epoch]))
  const numbers = await journal.blocks()
  const newest = numbers.at(-1)
  const value = newest === undefined ? undefined : await journal.readBlock(newest)
  const blocks = value === undefined ? [] : [value]
  for (const number of numbers.slice(0, -1).toReversed()) {
    const lengthS = blocks.flatMap(({ segments }) => segments).reduce((sum, segment) => sum + segment.duration_s, 0)
    if (lengthS >= options.dvrWindowS) break
    const earlier = await journal.readBlock(number)
    if (earlier !== undefined) blocks.unshift(earlier)
  }
  const facts = contiguousTail(blocks.flatMap(block => block.segments))
  const segments = facts.flatMap(segment => {
    const epoch = byNumber.get(segment.epoch)
    return epoch === undefined ? [] : [ShowSegment.stored(segment, epoch)]
  })
  const blockMs = value?.segments.reduce((sum, segment) => sum + segment.duration_s * 1000, 0) ?? 0
  const discontinuities =
    (value?.discontinuities_before ?? 0) + (value?.segments.filter(({ discontinuity }) => discontinuity).length ?? 0)
  const within = segments.filter(({ discontinuity }) => discontinuity).length
  const window = new ShowWindow(
    { dvrWindowS: options.dvrWindowS, recorded: options.record },
    segments,
    discontinuities - within,
  )
  return {
    nextSeq: (segments.at(-1)?.seq ?? -1) + 1,
    home,
    window,
    epochs,
    stored: (value?.before.segments ?? 0) + (value?.segments.length ?? 0),
    durationMs: (value?.before.duration_ms ?? 0) + blockMs,
    block: newest === undefined || value === undefined ? undefined : { number: newest, value },
    discontinuities,
  }
}

/** The newest segments without a hole: a playlist counts without one. */
function contiguousTail<Segment extends { seq: number }>(segments: readonly Segment[]): Segment[] {
  let from = segments.length - 1
  while (from > 0 && segments[from - 1]?.seq === (segments[from]?.seq ?? 0) - 1) from -= 1
  return segments.slice(Math.max(0, from))
}

/** Removes media of the dead process that no journal line names; its folder is never written to again. */
async function removeOrphans({ objects, streamId }: OpenShowOptions, { nextSeq, epochs }: Found): Promise<void> {
  const last = epochs.at(-1)?.folder
  const written = epochs.filter(({ folder }) => folder === last)
  const places = new Set(written.flatMap(({ folder, tracks }) => tracks.map(({ name }) => `${folder} ${name}`)))
  const seqs = Array.from({ length: ORPHANS_MAX }, (_, index) => nextSeq + index)
  const keys = [...places].flatMap(place => {
    const [folder = '', track = ''] = place.split(' ')
    return seqs.map(seq => recordingPrefix(streamId) + segmentPath(folder, track, seq))
  })
  await objects.delete(keys)
}
