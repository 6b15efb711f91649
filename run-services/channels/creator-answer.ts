import { z } from '@hono/zod-openapi'
import { ROLES } from '#shared/domain/route-policy.ts'
import { instant, textLine } from '#shared/service/answer-parts.ts'

/** A handle as it stands in URLs: 3 to 30 of `a-z 0-9 _`, beginning with a letter. */
export const HANDLE = /^[a-z][a-z0-9_]{2,29}$/

/** The creator that a bearer token stands for. */
export const creatorAnswer = z
  .object({
    id: z.string(),
    handle: z.string(),
    display_name: z.string(),
    status: z.string(),
    roles: z.array(z.enum(ROLES)),
    created_at: instant,
  })
  .openapi('Creator', {
    example: {
      id: 'crtr_4tqyv2wzsl3kd6b5x7aejmnopq',
      handle: 'alice',
      display_name: 'Alice',
      status: 'active',
      roles: ['creator'],
      created_at: '2026-11-21T18:00:00.000Z',
    },
  })
export type CreatorAnswer = z.infer<typeof creatorAnswer>

export const patchMeBody = z
  .strictObject({
    handle: z.string().regex(HANDLE, '3 to 30 characters: a-z, 0-9 and _, beginning with a letter.').optional(),
    display_name: textLine(100).optional(),
  })
  .openapi('PatchMe', { example: { display_name: 'Alice in Jakarta' } })
export type PatchMeBody = z.input<typeof patchMeBody>
