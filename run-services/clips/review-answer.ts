import { z } from '@hono/zod-openapi'
import { instant, textLine } from '#shared/service/answer-parts.ts'
import { clipAnswer } from './clip-answer.ts'

const REASON_MAX = 500

/** A verdict on a clip that waits; a rejection needs a reason. */
export const reviewBody = z
  .strictObject({ verdict: z.enum(['approve', 'reject']), reason: textLine(REASON_MAX).optional() })
  .refine(({ verdict, reason }) => verdict === 'approve' || reason !== undefined, {
    message: 'Say why it is rejected.',
    path: ['reason'],
  })
  .openapi('ReviewBody')
export type ReviewBody = z.input<typeof reviewBody>

const reviewAnswer = z
  .object({
    id: z.string(),
    reviewer: z.string(),
    verdict: z.enum(['approve', 'reject']),
    reason: z.string().nullable(),
    decided_at: instant,
  })
  .openapi('Review')
export type ReviewAnswer = z.infer<typeof reviewAnswer>

/** A clip that waits for a person: longest waiting first. */
export const queuedClip = z
  .object({ clip: clipAnswer, reviews: z.array(reviewAnswer), approvals_needed: z.int() })
  .openapi('QueuedClip')
export type QueuedClip = z.infer<typeof queuedClip>
