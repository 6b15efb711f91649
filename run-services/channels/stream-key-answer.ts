import { z } from '@hono/zod-openapi'
import { instant, textLine } from '#shared/service/answer-parts.ts'

/** Longest time an old key keeps working after a rotation, in seconds: one day. */
const GRACE_S_MAX = 86_400

/** A stream key without its secret. A `retiring` key works until `expires_at`. */
export const streamKeyAnswer = z
  .object({
    id: z.string(),
    channel_id: z.string(),
    label: z.string().nullable(),
    state: z.enum(['active', 'retiring', 'revoked']),
    expires_at: instant.nullable(),
    created_at: instant,
  })
  .openapi('StreamKey')
export type StreamKeyAnswer = z.infer<typeof streamKeyAnswer>

/** A new key: `secret` is what a publisher types as its stream key, shown this once. */
export const createdStreamKeyAnswer = streamKeyAnswer.extend({ secret: z.string() }).openapi('CreatedStreamKey')
export type CreatedStreamKeyAnswer = z.infer<typeof createdStreamKeyAnswer>

export const createStreamKeyBody = z
  .strictObject({ label: textLine(100).optional() })
  .openapi('CreateStreamKey', { example: { label: 'Studio PC' } })
export type CreateStreamKeyBody = z.input<typeof createStreamKeyBody>

export const rotateStreamKeyBody = z
  .strictObject({ grace_s: z.int().min(0).max(GRACE_S_MAX).default(0) })
  .openapi('RotateStreamKey', { example: { grace_s: 300 } })
export type RotateStreamKeyBody = z.input<typeof rotateStreamKeyBody>
