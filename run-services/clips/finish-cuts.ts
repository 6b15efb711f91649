import { rfc3339 } from '#shared/domain/clock.ts'
import { pause } from '#shared/service/pause.ts'
import type { NamedClipRow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { type Cutting, cutClipRow, failClip } from './make-clip.ts'
import { isMediaComing, isRecordedShow } from './is-media-coming.ts'
import { sourceOf } from './source-of.ts'
import { listUncut, postponeUncut } from './waiting-queries.ts'

/** A clip that was asked for this long ago and does not play has lost its process, in ms. */
const FORGOTTEN_MS = 30_000
/** When it is given up, in ms. */
const GIVEN_UP_MS = 15 * 60_000
const EVERY_MS = 10_000
const BATCH = 50

/**
 * Cuts the clips whose process died between the request and the cut, and those whose media came without our hearing of it;
 * gives them up after a while. What still waits for media is looked at again in its turn.
 */
export async function finishCuts(deps: ClipsDeps, cutting: Cutting): Promise<number> {
  const nowMs = deps.now()
  const clips = await deps.database.read(listUncut(rfc3339(nowMs - FORGOTTEN_MS), BATCH))
  for (const clip of clips) {
    try {
      const stream = await sourceOf(deps, clip)
      const range = { startMs: clip.start_ms, endMs: clip.end_ms }
      if (isRecordedShow(stream) && (await isMediaComing(deps, stream, range))) {
        await lookLater(deps, clip)
      } else {
        await cutClipRow(deps, cutting, clip, stream)
      }
    } catch (error) {
      deps.log.warn({ err: error, clip_id: clip.clip_id }, 'a clip could not be cut')
      if (Date.parse(clip.created_at) < nowMs - GIVEN_UP_MS) await failClip(deps, clip, 'cut-given-up')
      else await lookLater(deps, clip)
    }
  }
  return clips.length
}

/** Behind those that wait as long: what cannot be cut keeps nobody from the line. */
async function lookLater({ database, now }: ClipsDeps, { clip_id: clipId }: NamedClipRow): Promise<void> {
  await database.transaction(tx => tx.write(postponeUncut(clipId, rfc3339(now()))))
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
