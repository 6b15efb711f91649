import type { ClipOrigin } from '#shared/domain/clip.ts'
import type { ClipRules } from './rules-answer.ts'

type Reviewed = {
  origin: ClipOrigin
  marquee: boolean
  /** Whether the show's own creator asked for it. */
  ownShow: boolean
}

/** Whether a person has to look at the clip before it is public: every marquee clip, and what the show's rules name. */
export function needsReview({ origin, marquee, ownShow }: Reviewed, rules: ClipRules): boolean {
  if (marquee) return true
  if (origin === 'highlight') return !rules.publish_picks
  return rules.review_viewers && !ownShow
}

/** Different people who have to approve the clip. */
export function approvalsNeeded({ marquee }: Pick<Reviewed, 'marquee'>, rules: ClipRules): number {
  return marquee && rules.four_eyes ? 2 : 1
}
