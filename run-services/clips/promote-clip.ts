import { createHash } from 'node:crypto'
import type { ClipRendition } from '#shared/domain/clip.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { CLIP_MOVES, type ClipState, mayMove, move } from '#shared/domain/state-machine.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import type { Job } from '#shared/service/job-store.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { TaskOutcome } from '#shared/service/task-routes.ts'
import { clipFacts } from './clip-facts.ts'
import { clipPrefix, CUT_TYPE, renderSignposts } from './clip-media.ts'
import { deleteRendered, getClip, insertFile, type NamedClipRow, updateClip } from './clip-queries.ts'
import { SOURCE, type ClipsDeps } from './clips-deps.ts'
import { promoteInput } from './finish-render.ts'
import { publishIn } from './publish-clip.ts'
import { RENDER_FILES, renderResult } from './render-job.ts'

const VERSION = /^v(\d+)\//u

/**
 * Shows what was rendered: every file is read back by size and digest, then the entry points lead to them, then the row
 * says so and the clip is ready, in review or published. A file that is not what the worker said fails the promotion.
 */
export async function promoteClip(deps: ClipsDeps, job: Job): Promise<TaskOutcome> {
  const { render_job: renderJob } = promoteInput.parse(job.input)
  const [clip] = await deps.database.read(getClip(job.subjectId))
  const render = await deps.jobs.get(renderJob)
  if (!awaits(clip, renderJob) || render === undefined) return { result: { promoted: false } }
  const { stored } = renderResult.parse(render.result)
  await verify(deps, clip, stored)
  for (const { key, redirect, cacheControl } of renderSignposts(clip.playback_id, stored)) {
    await deps.store.put(key, new Uint8Array(), { contentType: CUT_TYPE, cacheControl, redirect })
  }
  return {
    result: { promoted: true },
    effects: async tx => {
      const [current] = await tx.read(getClip(job.subjectId))
      if (awaits(current, renderJob)) await show(tx, deps, current, stored)
    },
  }
}

function awaits(clip: NamedClipRow | undefined, renderJob: string): clip is NamedClipRow {
  if (clip?.render_job !== renderJob) return false
  return clip.state === 'rendering' || mayMove<ClipState>(CLIP_MOVES, clip.state, 'rendering')
}

async function verify(deps: ClipsDeps, clip: NamedClipRow, stored: readonly ClipRendition[]): Promise<void> {
  const missing = RENDER_FILES.filter(name => stored.every(file => file.name !== name))
  if (missing.length > 0) throw new Error(`The render has no ${missing.join(', ')}.`)
  for (const { name, uri, bytes, sha256 } of stored) {
    if (!uri.startsWith(clipPrefix(clip.playback_id))) throw new Error(`The ${name} lies outside the clip.`)
    const info = await deps.store.head(uri)
    if (info?.bytes !== bytes) throw new Error(`The ${name} is not there with its ${bytes} bytes.`)
    if ((info.sha256 ?? (await digest(deps, uri))) !== sha256) throw new Error(`The ${name} has another digest.`)
  }
}

async function digest({ store }: ClipsDeps, key: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of (await store.get(key))?.body ?? []) hash.update(piece)
  return hash.digest('hex')
}

async function show(
  tx: Transaction,
  deps: ClipsDeps,
  clip: NamedClipRow,
  stored: readonly ClipRendition[],
): Promise<void> {
  const { clip_id: clipId, playback_id } = clip
  await tx.write(deleteRendered(clipId))
  for (const { name, uri, bytes, sha256, content_type, width, height, duration_ms, frames } of stored) {
    const sizes = { width: width ?? null, height: height ?? null }
    const lengths = { duration_ms: duration_ms ?? null, frames: frames ?? null }
    await tx.write(
      insertFile({ clip_id: clipId, rendition: name, uri, content_type, bytes, sha256, ...sizes, ...lengths }),
    )
  }
  const data = { ...clipFacts(clip), playback_id, renditions: [...stored] }
  await appendEvent(tx, { source: SOURCE, type: 'clip.rendered', subject: clipId, data }, deps)
  const rendering =
    clip.state === 'rendering' ? clip.state : move<ClipState>(CLIP_MOVES, 'clip', clip.state, 'rendering')
  const state = move<ClipState>(CLIP_MOVES, 'clip', rendering, clip.needs_review ? 'in_review' : 'ready')
  await tx.write(
    updateClip(clipId, clip.version, {
      state,
      reason: null,
      media_version: versionOf(clip, stored),
      ...(state === 'in_review' ? { review_since: rfc3339(deps.now()) } : {}),
    }),
  )
  if (state === 'in_review') {
    await appendEvent(
      tx,
      { source: SOURCE, type: 'clip.review_requested', subject: clipId, data: clipFacts(clip) },
      deps,
    )
    return
  }
  const [ready] = await tx.read(getClip(clipId))
  if (ready?.publish_when_ready === true) await publishIn(tx, deps, ready)
}

/** The folder of the widest file, which the entry point of the clip leads to. */
function versionOf({ playback_id, media_version }: NamedClipRow, stored: readonly ClipRendition[]): number {
  const uri = stored.find(({ name }) => name === 'wide')?.uri.slice(clipPrefix(playback_id).length) ?? ''
  return Number(VERSION.exec(uri)?.[1] ?? media_version)
}
