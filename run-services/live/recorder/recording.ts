import type { PlaneRecording } from '#shared/domain/plane-api.ts'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { recordingPrefix } from '../packager/show-paths.ts'
import { journaledSegments, showJournal } from './show-journal.ts'
import { storedSegmentOf } from './stored-segment-of.ts'

/** What is stored of a show, from its journal alone; `undefined` when nothing ever was. */
export async function readRecording(objects: ObjectStore, streamId: string): Promise<PlaneRecording | undefined> {
  const journal = showJournal(objects, streamId)
  const head = await journal.readHead()
  if (head === undefined) return undefined
  const newest = (await journal.blocks()).at(-1)
  const block = newest === undefined ? undefined : await journal.readBlock(newest)
  const stored = (block?.before.segments ?? 0) + (block?.segments.length ?? 0)
  const blockMs = block?.segments.reduce((sum, segment) => sum + segment.duration_s * 1000, 0) ?? 0
  return {
    stream_id: streamId,
    prefix: recordingPrefix(streamId),
    state: head.state,
    segments_produced: Math.max(head.segments_produced, stored),
    segments_stored: stored,
    duration_ms: Math.round((block?.before.duration_ms ?? 0) + blockMs),
  }
}

/** Stored segments from that sequence number on, in order, at most `limit`; `undefined` for an unknown show. */
export async function readStoredSegments(
  objects: ObjectStore,
  streamId: string,
  fromSeq: number,
  limit: number,
): Promise<StoredSegment[] | undefined> {
  const journal = showJournal(objects, streamId)
  if ((await journal.readHead()) === undefined) return undefined
  const epochs = new Map((await journal.readEpochs()).map(epoch => [epoch.epoch, epoch]))
  const found: StoredSegment[] = []
  for await (const facts of journaledSegments(journal, fromSeq)) {
    if (found.length >= limit) break
    const epoch = epochs.get(facts.epoch)
    if (epoch !== undefined) found.push(storedSegmentOf(streamId, facts, epoch))
  }
  return found
}
