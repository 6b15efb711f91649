import { z } from '@hono/zod-openapi'
import { clipReason } from '#shared/domain/clip.ts'

const weight = z.number().min(0).max(10)

/** What makes a moment worth a clip, and how much; a pick is a local peak of the weighted sum above `threshold`. */
export const clipRules = z
  .strictObject({
    enabled: z.boolean(),
    weights: z.strictObject({
      marker: weight,
      cue: weight,
      loudness: weight,
      motion: weight,
      chat: weight,
      viewers: weight,
    }),
    threshold: z.number().min(0).max(100),
    /** What is kept before and after the peak. */
    before_ms: z.int().min(1_000).max(60_000),
    after_ms: z.int().min(1_000).max(60_000),
    /** At most so many picks an hour of show. */
    picks_per_hour_max: z.int().min(0).max(60),
    /** Picks are published without a person. */
    publish_picks: z.boolean(),
    /** Clips of viewers wait for a person too. */
    review_viewers: z.boolean(),
    /** A marquee clip needs two different people. */
    four_eyes: z.boolean(),
  })
  .openapi('ClipRules')
export type ClipRules = z.infer<typeof clipRules>

export const rulesAnswer = z.object({ version: z.int(), rules: clipRules }).openapi('ClipRulesAnswer')
export type RulesAnswer = z.infer<typeof rulesAnswer>

/** The rules to try on a show; the creator's own when absent. A range shows its part of the curve and strips in full. */
export const simulateBody = z
  .strictObject({
    stream_id: z.string().min(1).max(64),
    rules: clipRules.optional(),
    from_ms: z.int().min(0).optional(),
    to_ms: z.int().min(0).optional(),
  })
  .openapi('SimulateRules')
export type SimulateBody = z.input<typeof simulateBody>

const pick = z
  .object({ start_ms: z.number(), end_ms: z.number(), score: z.number(), reasons: z.array(clipReason) })
  .openapi('Pick')
export type Pick = z.infer<typeof pick>

/** What the rules would pick, and what they look at: the same tape always gives the same answer. */
export const simulation = z
  .object({
    /** 0 for the ones everyone begins with, and for rules that were sent along. */
    rules_version: z.int(),
    picks: z.array(pick),
    /** The highlight curve, oldest first; loudness in dB of full scale, motion from 0 to 1. */
    curve: z.array(z.object({ at_ms: z.number(), score: z.number(), loudness_db: z.number(), motion: z.number() })),
    /** Small pictures of the show: sheets of equal frames in reading order. */
    strips: z.array(
      z.object({
        from_ms: z.number(),
        to_ms: z.number(),
        url: z.url(),
        every_ms: z.number(),
        columns: z.int(),
        frames: z.int(),
        width: z.int(),
        height: z.int(),
      }),
    ),
  })
  .openapi('Simulation')
export type Simulation = z.infer<typeof simulation>
