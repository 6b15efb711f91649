import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { CLIP_MOVES, type ClipState, move } from '#shared/domain/state-machine.ts'
import type { ClipChanges, NamedClipRow } from './clip-queries.ts'

/** States in which nobody but its people has seen the clip. */
const UNSEEN: readonly ClipState[] = ['requested', 'playable', 'rendering', 'in_review', 'ready']

/**
 * What changes of a clip when somebody asks for a person's eyes on it: it waits for them at once when it is rendered, else
 * after its render. Throws `state.illegal` when others have seen it already.
 */
export function askedReview(clip: Pick<NamedClipRow, 'state' | 'published_at'>, atMs: number): ClipChanges {
  if (clip.published_at !== null || !UNSEEN.includes(clip.state)) {
    throw new Refusal('state.illegal', {
      detail: 'Only a clip that was never published can be sent to review.',
      extra: { state: clip.state, legal_states: UNSEEN },
    })
  }
  const asked = { marquee: true, needs_review: true }
  if (clip.state !== 'ready') return asked
  return {
    ...asked,
    state: move<ClipState>(CLIP_MOVES, 'clip', clip.state, 'in_review'),
    review_since: rfc3339(atMs),
  }
}
