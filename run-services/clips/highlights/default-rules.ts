import type { ClipRules } from '../rules-answer.ts'

/**
 * The rules everyone begins with: a marker is worth a clip by itself, a cue only together with something that is heard or
 * seen, and a person looks at every pick before it is public.
 */
export const DEFAULT_RULES: ClipRules = {
  enabled: true,
  weights: { marker: 4, cue: 2, loudness: 2, motion: 1, chat: 2, viewers: 2 },
  threshold: 3,
  before_ms: 12_000,
  after_ms: 8_000,
  picks_per_hour_max: 6,
  publish_picks: false,
  review_viewers: false,
  four_eyes: false,
}
