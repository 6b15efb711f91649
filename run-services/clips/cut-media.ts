import type { ClipSource } from '#shared/domain/clip.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { type ClipCut, cutClip } from '#shared/media/clip/cut-clip.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { ClipRange } from './clip-range.ts'
import { clipPrefix, CUT_TYPE, cutPath, cutSignpost, MEDIA_CACHE } from './clip-media.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { gatherRuns } from './gather-runs.ts'
import { liveEdge } from './live-edge.ts'
import { isRecordedShow } from './is-media-coming.ts'
import type { ShowMoment } from './show-piece.ts'
import type { SourceStream } from './source-queries.ts'
import { storedMoments } from './stored-moments.ts'
import type { TrackInits } from './track-inits.ts'

/** A cut in memory, with what is known of it before it is stored. */
export type MediaCut = Pick<ClipCut, 'pieces'> & { facts: Omit<ClipSource, 'cut' | 'sha256' | 'bytes'> }
/** The stored cut: its facts, and where it lies. */
export type StoredCut = { source: ClipSource; uri: string }

/** Longest a cut may take, in ms. */
const CUT_MS_MAX = 20_000

/**
 * Cuts the range out of what is recorded of the show. What is not stored yet comes from the origin, part by part, where the
 * show's plane has one; `edge` is what the origin was seen to have. Throws `clip.no-media` when nothing of the range is left.
 */
export async function cutMedia(
  deps: Pick<ClipsDeps, 'database' | 'store' | 'settings'>,
  inits: TrackInits,
  stream: SourceStream,
  range: ClipRange,
  edge: readonly ShowMoment[] | undefined,
): Promise<MediaCut> {
  const { store, settings } = deps
  const signal = AbortSignal.timeout(CUT_MS_MAX)
  const startedAtMs = Date.parse(stream.started_at ?? stream.created_at)
  const wall = { startMs: startedAtMs + range.startMs, endMs: startedAtMs + range.endMs }
  const showId = stream.provider_stream_id ?? ''
  const moments = await momentsOf(deps, inits, stream, wall, edge, signal)
  const runs = await gatherRuns({ store, inits, originUrl: settings.originUrl, showId, signal }, moments)
  const made = cutClip(runs, wall)
  const video = runs[0]?.video.header
  if (made === undefined || video === undefined) {
    throw new Refusal('clip.no-media', { detail: 'The recording has nothing of this range; choose another.' })
  }
  return {
    pieces: made.pieces,
    facts: {
      from: rfc3339(Math.round(made.startMs)),
      to: rfc3339(Math.round(made.endMs)),
      width: video.width,
      height: video.height,
      frames: made.frames,
      duration_ms: Math.round(made.durationMs * 1000) / 1000,
      missing_ms: missingMs(range, made.durationMs),
      audio: runs.some(({ audio }) => audio !== undefined),
    },
  }
}

/** Stores a cut in the folder of its own; nothing leads there yet. */
export async function storeCut(
  store: ObjectStore,
  playbackId: string,
  cut: number,
  { pieces, facts }: MediaCut,
): Promise<StoredCut> {
  const uri = clipPrefix(playbackId) + cutPath(cut)
  const options = { contentType: CUT_TYPE, cacheControl: MEDIA_CACHE }
  const { bytes, sha256 } = await store.put(uri, ReadableStream.from(pieces), options)
  return { uri, source: { ...facts, cut, sha256: sha256 ?? '', bytes } }
}

/** Leads the clip's link to that cut. */
export async function pointToCut(store: ObjectStore, playbackId: string, cut: number): Promise<void> {
  const { key, ...post } = cutSignpost(playbackId, cut)
  await store.put(key, new Uint8Array(), { ...post, contentType: CUT_TYPE })
}

/** Stored segments, and from the origin what they do not have yet. */
async function momentsOf(
  deps: Pick<ClipsDeps, 'database' | 'settings'>,
  inits: TrackInits,
  stream: SourceStream,
  wall: { startMs: number; endMs: number },
  known: readonly ShowMoment[] | undefined,
  signal: AbortSignal,
): Promise<ShowMoment[]> {
  const stored = await storedMoments(deps.database, inits, stream.stream_id, wall)
  const last = stored.at(-1)
  const covered = last !== undefined && last.atMs + last.durationMs >= wall.endMs
  if (covered || stream.ended_at !== null || stream.provider_stream_id === null) return stored
  if (isRecordedShow(stream)) return stored
  const edge = known ?? (await liveEdge(deps.settings.originUrl, stream.provider_stream_id, signal))
  const there = new Set(stored.map(({ seq }) => seq))
  const newer = edge.filter(
    ({ seq, atMs, durationMs }) => !there.has(seq) && atMs < wall.endMs && atMs + durationMs > wall.startMs,
  )
  return [...stored, ...newer].sort((a, b) => a.seq - b.seq)
}

/** A frame more or less at either end is not missing. */
function missingMs({ startMs, endMs }: ClipRange, durationMs: number): number {
  const missing = endMs - startMs - durationMs
  return missing < 100 ? 0 : Math.round(missing)
}
