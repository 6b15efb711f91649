import { z } from '@hono/zod-openapi'
import { CANARY_HOP_NAMES, CANARY_MARKS, PLANES } from '#shared/domain/canary.ts'
import { instant, textLine } from '#shared/service/answer-parts.ts'

const ROUTE_MAX = 64
const FAILURE_MAX = 500
/** Longest a hop may be said to have taken, in ms: one hour. */
const HOP_MS_MAX = 3_600_000

/** A synthetic show that is about to begin. */
export const startCanaryBody = z
  .strictObject({
    /** Where it is published and watched from, e.g. a region. */
    route: textLine(ROUTE_MAX),
    plane: z.enum(PLANES),
    channel_id: z.string().min(1).max(64),
  })
  .openapi('StartCanary')
export type StartCanaryBody = z.input<typeof startCanaryBody>

/** What whoever published and watched it has timed, in ms; `failure` says why it was not seen through. */
export const endCanaryBody = z
  .strictObject({
    hops: z.partialRecord(z.enum(CANARY_HOP_NAMES), z.number().min(0).max(HOP_MS_MAX)),
    failure: textLine(FAILURE_MAX).optional(),
  })
  .openapi('EndCanary')
export type EndCanaryBody = z.input<typeof endCanaryBody>

const timedHop = z.object({
  name: z.enum(CANARY_HOP_NAMES),
  /** Null where it did not happen. */
  ms: z.number().nullable(),
  budget_ms: z.number(),
  held: z.boolean(),
})

/** One synthetic show. `lost`: it began and nobody ever told how it ended. */
export const canaryAnswer = z
  .object({
    id: z.string(),
    route: z.string(),
    plane: z.enum(PLANES),
    channel_id: z.string(),
    state: z.enum(['running', 'held', 'breached', 'failed', 'lost']),
    failure: z.string().nullable(),
    started_at: instant,
    ended_at: instant.nullable(),
    hops: z.array(timedHop),
    /** What the system itself was seen to do with it. */
    marks: z.partialRecord(z.enum(CANARY_MARKS), instant),
  })
  .openapi('Canary')
export type CanaryAnswer = z.infer<typeof canaryAnswer>

export const canariesQuery = z.strictObject({ route: z.string().max(ROUTE_MAX).optional() })
