import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { Refusal } from '#shared/domain/refusal.ts'
import { CLIP_MOVES, type ClipState, move } from '#shared/domain/state-machine.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { requireMatch } from '#shared/service/etag.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { patchClipBody } from './clip-answer.ts'
import { askedReview } from './asked-review.ts'
import { clipFacts } from './clip-facts.ts'
import { cutVersion } from './clip-media.ts'
import { type ClipChanges, deleteFiles, getClip, insertFile, type NamedClipRow, updateClip } from './clip-queries.ts'
import { type ClipRange, clipRange } from './clip-range.ts'
import { SOURCE, type ClipsDeps } from './clips-deps.ts'
import { cutMedia, pointToCut, storeCut, type StoredCut } from './cut-media.ts'
import type { Cutting } from './make-clip.ts'
import { momentsIn } from './moments-in.ts'
import { ownClip } from './own-clip.ts'
import { renderDraft } from './render-draft.ts'
import { sourceOf } from './source-of.ts'
import { lastSegment } from './source-queries.ts'

type Body = z.output<typeof patchClipBody>
/** A cut of another range, with what lies in it. */
type Recut = { range: ClipRange; cut: StoredCut; moments: string }

/**
 * Changes a clip: its words at any time; its range, crop and presets before it was first published, which renders it anew
 * under the same link; and, once, that a person has to see it first. Throws `state.illegal` afterwards, and what `clipRange` and the cut throw.
 */
export async function patchClip(
  deps: ClipsDeps,
  cutting: Cutting,
  c: Context,
  principal: Principal,
  clipId: string,
  body: Body,
): Promise<NamedClipRow> {
  const before = await ownClip(deps.database, principal, clipId)
  requireMatch(c, before.version)
  const rendersAnew = changesMedia(before, body)
  if (rendersAnew) requireUnpublished(before)
  const recut = rendersAnew ? await recutOf(deps, cutting, before, body) : undefined
  const { clip, wakes } = await deps.database.transaction(async tx => {
    const current = await ownClip(tx, principal, clipId)
    requireMatch(c, current.version)
    if (current.version !== before.version && rendersAnew) {
      throw new Refusal('version.mismatch', { detail: 'The clip was changed meanwhile; try again.' })
    }
    const { title = current.title, tags = current.tags, crop, presets = current.presets } = body
    const changes: ClipChanges = { title, tags: [...tags], presets: [...presets] }
    if (crop !== undefined) changes.crop = json(crop)
    const asked = []
    if (rendersAnew) {
      const source = recut?.cut.source ?? current.source
      if (source === null) throw new Error('A clip that was cut has no cut.')
      const job = await deps.jobs.add(
        tx,
        renderDraft({ ...current, crop: crop ?? current.crop, presets: [...presets], source }),
      )
      asked.push(job)
      const state =
        current.state === 'playable' ? current.state : move<ClipState>(CLIP_MOVES, 'clip', current.state, 'playable')
      Object.assign(changes, { state, render_job: job.jobId, review_since: null, reason: null })
    }
    if (recut !== undefined) {
      const { source, uri } = recut.cut
      const { sha256, bytes, width, height, duration_ms, frames } = source
      await tx.write(deleteFiles(clipId))
      const file = { clip_id: clipId, rendition: 'cut', uri, content_type: 'video/mp4' }
      await tx.write(insertFile({ ...file, bytes, sha256, width, height, duration_ms, frames }))
      Object.assign(changes, {
        start_ms: recut.range.startMs,
        end_ms: recut.range.endMs,
        source: json(source),
        moments: recut.moments,
        media_version: cutVersion(source.cut),
      })
    }
    if (body.marquee === true && !current.marquee) {
      Object.assign(changes, askedReview({ ...current, ...changes }, deps.now()))
    }
    await tx.write(updateClip(clipId, current.version, changes))
    await tell(tx, deps, current, changes)
    const [after] = await tx.read(getClip(clipId))
    return { clip: after ?? current, wakes: asked }
  })
  // Until then the link shows what it showed; should this be lost, the render leads it on.
  if (recut !== undefined) await pointToCut(deps.store, clip.playback_id, recut.cut.source.cut)
  await jobWakes(deps.queue, deps.log).send(wakes)
  return clip
}

/** What others learn of the change. */
async function tell(
  tx: Transaction,
  deps: Pick<ClipsDeps, 'now' | 'random'>,
  clip: NamedClipRow,
  { state, title = clip.title, tags = clip.tags }: ClipChanges,
): Promise<void> {
  const facts = { source: SOURCE, subject: clip.clip_id }
  if (state === 'in_review') {
    await appendEvent(tx, { ...facts, type: 'clip.review_requested', data: clipFacts(clip) }, deps)
  }
  await appendEvent(tx, { ...facts, type: 'clip.updated', data: { ...clipFacts(clip), title, tags } }, deps)
}

function changesMedia(clip: NamedClipRow, { start_ms, end_ms, crop, presets }: Body): boolean {
  return (
    (start_ms ?? clip.start_ms) !== clip.start_ms ||
    (end_ms ?? clip.end_ms) !== clip.end_ms ||
    (crop !== undefined && JSON.stringify(crop) !== JSON.stringify(clip.crop)) ||
    (presets !== undefined && presets.join() !== clip.presets.join())
  )
}

function requireUnpublished(clip: NamedClipRow): void {
  const legal: readonly ClipState[] = ['playable', 'in_review', 'ready']
  if (clip.published_at === null && legal.includes(clip.state)) return
  throw new Refusal('state.illegal', {
    detail:
      clip.published_at === null
        ? `A clip that is ${clip.state} cannot be cut anew; wait until it is ready.`
        : 'A clip that was published keeps its pictures; make a new one of the other range.',
    extra: { state: clip.state, legal_states: legal },
  })
}

async function recutOf(
  deps: ClipsDeps,
  cutting: Cutting,
  clip: NamedClipRow,
  { start_ms = clip.start_ms, end_ms = clip.end_ms }: Body,
): Promise<Recut | undefined> {
  if (start_ms === clip.start_ms && end_ms === clip.end_ms) return undefined
  const stream = await sourceOf(deps, clip)
  const [last] = await deps.database.read(lastSegment(stream.stream_id))
  const zero = Date.parse(stream.started_at ?? stream.created_at)
  const range = clipRange({ start_ms, end_ms }, last === undefined ? 0 : Date.parse(last.pdt) + last.duration_ms - zero)
  const number = (clip.source?.cut ?? 0) + 1
  const cut = await cutting.slots(async () =>
    storeCut(deps.store, clip.playback_id, number, await cutMedia(deps, cutting.inits, stream, range, undefined)),
  )
  return { range, cut, moments: json(await momentsIn(deps.database, stream, cut.source)) }
}
