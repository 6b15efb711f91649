import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { Clip } from '../api/api-routes.ts'

/** What an editor may change of a clip. Times are ms from the show's start. */
export type ClipDraft = Pick<Clip, 'title' | 'tags' | 'start_ms' | 'end_ms' | 'crop' | 'presets'>

/** The draft that changes nothing. */
export function draftOf({ title, tags, start_ms, end_ms, crop, presets }: Clip): ClipDraft {
  return { title, tags, start_ms, end_ms, crop, presets }
}

const MEDIA = ['start_ms', 'end_ms', 'crop', 'presets'] as const
type Patch = ClipsApi['PATCH /v1/clips/{id}']['body']

/** What of the draft differs from the clip; empty when nothing does. */
export function changesOf(clip: Clip, draft: ClipDraft): Patch {
  const before = draftOf(clip)
  const different = Object.entries(draft).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof ClipDraft]),
  )
  return Object.fromEntries(different) as Patch
}

/** Whether the changes ask for other pictures, which are rendered anew. */
export function changesPictures(changes: Patch): boolean {
  return MEDIA.some(name => name in changes)
}

/** Whether the clip's pictures may still change: never once others have seen it, and not while they are made. */
export function mayRecut({ state, published_at }: Pick<Clip, 'state' | 'published_at'>): boolean {
  return published_at === null && (state === 'playable' || state === 'in_review' || state === 'ready')
}
