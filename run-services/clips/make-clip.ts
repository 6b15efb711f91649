import { createHash } from 'node:crypto'
import type { ClipMoments, ClipOrigin, ClipReason, CropChoice } from '#shared/domain/clip.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId, newId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { CLIP_MOVES, type ClipState, move } from '#shared/domain/state-machine.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { crashPoint } from '#shared/service/crash-point.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { Slots } from '#shared/service/slots.ts'
import { clipFacts } from './clip-facts.ts'
import { cutVersion } from './clip-media.ts'
import {
  countClipsSince,
  getClip,
  getClipByDedupe,
  insertClip,
  insertClipPlayback,
  insertFile,
  type NamedClipRow,
  updateClip,
} from './clip-queries.ts'
import { type ClipRange } from './clip-range.ts'
import { SOURCE, type ClipsDeps } from './clips-deps.ts'
import { cutMedia, type MediaCut, pointToCut, storeCut, type StoredCut } from './cut-media.ts'
import { momentsIn } from './moments-in.ts'
import { isMediaComing, isRecordedShow } from './is-media-coming.ts'
import { renderDraft } from './render-draft.ts'
import type { ShowMoment } from './show-piece.ts'
import type { SourceStream } from './source-queries.ts'
import type { TrackInits } from './track-inits.ts'

/** What makes cuts: shared by every request of the process. */
export type Cutting = { inits: TrackInits; slots: Slots }

export type ClipDraft = {
  stream: SourceStream
  /** Checked: inside the show, of a legal length. */
  range: ClipRange
  title: string
  tags: readonly string[]
  presets: readonly string[]
  crop: CropChoice
  origin: ClipOrigin
  /** The person who asked; absent for picks. */
  requestedBy: string | undefined
  marquee: boolean
  publishWhenReady: boolean
  needsReview: boolean
  score: number | null
  reasons: readonly ClipReason[]
  /** Picks: the same key makes one clip. */
  dedupeKey?: string
  /** Requests: the same token makes one clip. */
  retryToken?: string | undefined
  /** What the origin was seen to have, when it was just asked. */
  edge?: readonly ShowMoment[] | undefined
}

/** Ranges that time-ordered lists of clips are spread over. */
export const CLIP_SHARDS = 16
/** Clips one person may make in 24 hours. */
const CLIPS_PER_DAY_MAX = 1_000
const DAY_MS = 86_400_000
const FIRST_CUT = 1

/**
 * Makes a clip that plays: its row, its cut, and the render that follows; `requested` where its media is still to come.
 * Nothing is stored before the row is there, so that every object has an owner; a process that dies in between is finished
 * by the retry of the request or by the sweep.
 *
 * Throws `clip.no-media` (the clip has then failed), `clip.too-many`, `service.unavailable`.
 */
export function makeClip(deps: ClipsDeps, cutting: Cutting, draft: ClipDraft): Promise<NamedClipRow> {
  if (isRecordedShow(draft.stream)) return makeRecorded(deps, cutting, draft)
  return cutting.slots(async () => {
    const cut = cutMedia(deps, cutting.inits, draft.stream, draft.range, draft.edge)
    // The row is asked for meanwhile; what becomes of the cut is looked at afterwards.
    cut.catch(() => undefined)
    const clip = await ask(deps, draft)
    crashPoint('clip.requested')
    return clip.state === 'requested' ? completeClip(deps, clip, draft.stream, cut) : clip
  })
}

/** What cannot be cut now is cut when a segment is stored, or found by the sweep. */
async function makeRecorded(deps: ClipsDeps, cutting: Cutting, draft: ClipDraft): Promise<NamedClipRow> {
  const clip = await ask(deps, draft)
  crashPoint('clip.requested')
  if (clip.state !== 'requested' || (await isMediaComing(deps, draft.stream, draft.range))) return clip
  return cutClipRow(deps, cutting, clip, draft.stream)
}

/** Cuts a clip that is `requested` since earlier; one that fails for good is `failed`. */
export function cutClipRow(
  deps: ClipsDeps,
  { inits, slots }: Cutting,
  clip: NamedClipRow,
  stream: SourceStream,
): Promise<NamedClipRow> {
  const range = { startMs: clip.start_ms, endMs: clip.end_ms }
  return slots(async () => {
    const [current] = await deps.database.read(getClip(clip.clip_id))
    // Somebody else was there first.
    if (current?.state !== 'requested') return current ?? clip
    return completeClip(deps, clip, stream, cutMedia(deps, inits, stream, range, undefined))
  })
}

async function completeClip(
  deps: ClipsDeps,
  clip: NamedClipRow,
  stream: SourceStream,
  cut: Promise<MediaCut>,
): Promise<NamedClipRow> {
  try {
    const media = await cut
    // Nobody knows the link before the row says that it plays.
    const [stored, moments] = await Promise.all([
      storeCut(deps.store, clip.playback_id, FIRST_CUT, media),
      momentsIn(deps.database, stream, media.facts),
      pointToCut(deps.store, clip.playback_id, FIRST_CUT),
    ])
    crashPoint('clip.cut')
    const playable = await becomePlayable(deps, clip, stored, moments)
    crashPoint('clip.playable')
    return playable
  } catch (error) {
    if (error instanceof Refusal && error.code === 'clip.no-media') await failClip(deps, clip, 'no-media')
    throw error
  }
}

/** The row, `requested`; the one that is there when the same was asked before. */
async function ask(deps: ClipsDeps, draft: ClipDraft): Promise<NamedClipRow> {
  const { stream, range, retryToken, dedupeKey } = draft
  const name = retryToken ?? dedupeKey
  const digest = (kind: string) => createHash('sha256').update(`${kind} ${name}`).digest()
  const clipId = name === undefined ? newId('clip', deps.random) : derivedId('clip', digest('clip'))
  const playbackId =
    name === undefined ? newId('playback', deps.random) : derivedId('playback', digest('clip-playback'))
  const at = deps.now()
  return deps.database.transaction(async tx => {
    const [known] = await tx.read(dedupeKey === undefined ? getClip(clipId) : getClipByDedupe(dedupeKey))
    if (known !== undefined) return known
    if (draft.requestedBy !== undefined) {
      const [made] = await tx.read(countClipsSince(draft.requestedBy, rfc3339(at - DAY_MS)))
      if ((made?.count ?? 0) >= CLIPS_PER_DAY_MAX) {
        throw new Refusal('clip.too-many', { detail: `A person may make ${CLIPS_PER_DAY_MAX} clips in a day.` })
      }
    }
    await tx.write(
      insertClip({
        clip_id: clipId,
        creator_id: stream.creator_id,
        stream_id: stream.stream_id,
        playback_id: playbackId,
        origin: draft.origin,
        requested_by: draft.requestedBy ?? null,
        dedupe_key: dedupeKey ?? null,
        title: draft.title,
        tags: [...draft.tags],
        start_ms: range.startMs,
        end_ms: range.endMs,
        crop: json(draft.crop),
        presets: [...draft.presets],
        marquee: draft.marquee,
        publish_when_ready: draft.publishWhenReady,
        needs_review: draft.needsReview,
        state: 'requested',
        shard: clipShard(clipId),
        score: draft.score,
        reasons: json(draft.reasons),
        uncut_since: rfc3339(at),
        created_at: rfc3339(at),
      }),
    )
    await tx.write(insertClipPlayback(playbackId, clipId))
    const [clip] = await tx.read(getClip(clipId))
    if (clip === undefined) throw new Error('A clip that was just asked for is not there.')
    const data = {
      ...clipFacts(clip),
      origin: draft.origin,
      start_ms: range.startMs,
      end_ms: range.endMs,
      reasons: draft.reasons.map(({ signal }) => signal),
    }
    await appendEvent(tx, { source: SOURCE, type: 'clip.requested', subject: clipId, data }, deps)
    return clip
  })
}

async function becomePlayable(
  deps: ClipsDeps,
  clip: NamedClipRow,
  { source, uri }: StoredCut,
  moments: ClipMoments,
): Promise<NamedClipRow> {
  const made = await deps.database.transaction(async tx => {
    const [current] = await tx.read(getClip(clip.clip_id))
    // Another request or the sweep was there first.
    if (current?.state !== 'requested') return { clip: current ?? clip, wakes: [] }
    const job = await deps.jobs.add(tx, renderDraft({ ...current, source }))
    const state = move<ClipState>(CLIP_MOVES, 'clip', current.state, 'playable')
    await tx.write(
      updateClip(current.clip_id, current.version, {
        state,
        uncut_since: null,
        source: json(source),
        moments: json(moments),
        media_version: cutVersion(source.cut),
        render_job: job.jobId,
      }),
    )
    const { sha256, bytes, width, height, duration_ms, frames } = source
    const file = { clip_id: clip.clip_id, rendition: 'cut', uri, content_type: 'video/mp4' }
    await tx.write(insertFile({ ...file, bytes, sha256, width, height, duration_ms, frames }))
    const { missing_ms } = source
    const data = { ...clipFacts(clip), playback_id: clip.playback_id, duration_ms, missing_ms }
    await appendEvent(tx, { source: SOURCE, type: 'clip.playable', subject: clip.clip_id, data }, deps)
    const [after] = await tx.read(getClip(clip.clip_id))
    return { clip: after ?? current, wakes: [job] }
  })
  await jobWakes(deps.queue, deps.log).send(made.wakes)
  return made.clip
}

/** Ends a clip that cannot come to play. */
export async function failClip(deps: ClipsDeps, { clip_id: clipId }: NamedClipRow, reason: string): Promise<void> {
  await deps.database.transaction(async tx => {
    const [clip] = await tx.read(getClip(clipId))
    if (clip?.state !== 'requested') return
    const state = move<ClipState>(CLIP_MOVES, 'clip', clip.state, 'failed')
    await tx.write(
      updateClip(clipId, clip.version, { state, reason, uncut_since: null, purge_at: rfc3339(deps.now() + DAY_MS) }),
    )
    const data = { ...clipFacts(clip), reason }
    await appendEvent(tx, { source: SOURCE, type: 'clip.failed', subject: clipId, data }, deps)
  })
}

/** The range of time-ordered lists that a clip lies in. */
function clipShard(clipId: string): number {
  return createHash('sha256').update(clipId).digest().readUInt8(0) % CLIP_SHARDS
}
