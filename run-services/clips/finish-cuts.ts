import { rfc3339 } from '#shared/domain/clock.ts'
import { pause } from '#shared/service/pause.ts'
import { listUncut } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { type Cutting, cutClipRow, failClip, sourceOf } from './make-clip.ts'

/** A clip that was asked for this long ago and does not play has lost its process, in ms. */
const FORGOTTEN_MS = 30_000
/** When it is given up, in ms. */
const GIVEN_UP_MS = 15 * 60_000
const EVERY_MS = 10_000
const BATCH = 50

/** Cuts the clips whose process died between the request and the cut; gives them up after a while. */
export async function finishCuts(deps: ClipsDeps, cutting: Cutting): Promise<number> {
  const nowMs = deps.now()
  const clips = await deps.database.read(listUncut(rfc3339(nowMs - FORGOTTEN_MS), BATCH))
  for (const clip of clips) {
    try {
      await cutClipRow(deps, cutting, clip, await sourceOf(deps, clip))
    } catch (error) {
      deps.log.warn({ err: error, clip_id: clip.clip_id }, 'a clip could not be cut')
      if (Date.parse(clip.created_at) < nowMs - GIVEN_UP_MS) await failClip(deps, clip, 'cut-given-up')
    }
  }
  return clips.length
}

/** Does so until the signal aborts. */
export async function runCutFinisher(deps: ClipsDeps, cutting: Cutting, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(EVERY_MS, signal)
    try {
      if (!signal.aborted) await finishCuts(deps, cutting)
    } catch (error) {
      if (!signal.aborted) deps.log.warn({ err: error }, 'a round of forgotten cuts failed')
    }
  }
}
