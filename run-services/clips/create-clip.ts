import type { z } from '@hono/zod-openapi'
import { isId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { createClipBody } from './clip-answer.ts'
import type { NamedClipRow } from './clip-queries.ts'
import { clipRange } from './clip-range.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { liveEdge } from './live-edge.ts'
import { type Cutting, makeClip } from './make-clip.ts'
import { needsReview } from './needs-review.ts'
import { rulesOf } from './rules-of.ts'
import { isRecordedShow, recordedLength } from './is-media-coming.ts'
import type { ShowMoment } from './show-piece.ts'
import { getSourceStream, lastSegment, type SourceStream } from './source-queries.ts'

type Body = z.output<typeof createClipBody>

const EDGE_MS_MAX = 5_000

/**
 * Makes a clip of a show on the air or ended, for the person who asks. It plays when this returns, unless the show's
 * recording is all there is and it is not that far. Throws what `clipRange` and `makeClip` throw, and `resource.missing` for an unknown show.
 */
export async function createClip(
  deps: ClipsDeps,
  cutting: Cutting,
  principal: Principal,
  body: Body,
  retryToken: string | undefined,
): Promise<NamedClipRow> {
  if (principal.kind !== 'user') throw new Refusal('auth.missing', { detail: 'Only a person can make a clip.' })
  const [stream] = isId('stream', body.stream_id) ? await deps.database.read(getSourceStream(body.stream_id)) : []
  if (stream === undefined) {
    throw new Refusal('resource.missing', { detail: 'There is no such stream.', param: '/stream_id' })
  }
  const [{ lengthMs, edge }, { rules }] = await Promise.all([
    lengthOf(deps, stream, body),
    rulesOf(deps.database, stream.creator_id),
  ])
  const ownShow = principal.id === stream.creator_id
  return makeClip(deps, cutting, {
    stream,
    range: clipRange(body, lengthMs),
    title: body.title ?? stream.title,
    tags: [...new Set(body.tags)],
    presets: [...new Set(body.presets)],
    crop: body.crop,
    origin: 'person',
    requestedBy: principal.id,
    marquee: body.marquee,
    publishWhenReady: body.publish,
    needsReview: needsReview({ origin: 'person', marquee: body.marquee, ownShow }, rules),
    score: null,
    reasons: [],
    retryToken,
    edge,
  })
}

/** How much of the show there is, in ms since its start; the origin is asked only for what is newer than the rows. */
async function lengthOf(
  deps: ClipsDeps,
  stream: SourceStream,
  body: Body,
): Promise<{ lengthMs: number; edge?: ShowMoment[] }> {
  const zero = Date.parse(stream.started_at ?? stream.created_at)
  const [last] = await deps.database.read(lastSegment(stream.stream_id))
  const storedMs = last === undefined ? 0 : Date.parse(last.pdt) + last.duration_ms - zero
  if (isRecordedShow(stream)) return { lengthMs: recordedLength(stream, storedMs, deps.now()) }
  const enough = body.end_ms !== undefined && body.end_ms <= storedMs
  if (enough || stream.ended_at !== null || stream.provider_stream_id === null) return { lengthMs: storedMs }
  const edge = await liveEdge(deps.settings.originUrl, stream.provider_stream_id, AbortSignal.timeout(EDGE_MS_MAX))
  const newest = edge.at(-1)
  const edgeMs = newest === undefined ? 0 : newest.atMs + newest.durationMs - zero
  return { lengthMs: Math.max(storedMs, edgeMs), edge }
}
