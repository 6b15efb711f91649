import { z } from 'zod'

/** Recipe of the picking; a change here picks anew under new job ids, from the ranges nobody picked before. */
export const PICK_RECIPE = 'picks-1'

/** What the job's row says: the place in the show whose news it looks at, and how often it has looked already. */
export const pickInput = z.strictObject({
  at_ms: z.number(),
  /** Somebody marked the place: looked at again until it can be decided. */
  marked: z.boolean(),
  round: z.int().min(0),
})
export type PickInput = z.infer<typeof pickInput>
