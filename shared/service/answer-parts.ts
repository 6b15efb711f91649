import { z } from '@hono/zod-openapi'

/** Longest title, in UTF-16 units; the column holds 300. */
export const TITLE_MAX = 200

/** One line of text in any script: no control characters, no lone surrogates, NFC, trimmed. */
export function textLine(max: number) {
  return z
    .string()
    .max(max * 2)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'Control characters and unpaired surrogates are not text.')
    .transform(text => text.normalize('NFC').trim())
    .pipe(z.string().min(1, 'Write at least one visible character.').max(max))
}

/** An id in a path; whether it is well formed is no more than whether it exists: 404. */
export const idParam = (name: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name, in: 'path' }, example: 'chan_4tqyv2wzsl3kd6b5x7aejmnopq' })

/** An answer of a route: JSON of that shape. */
export const answer = <Body extends z.ZodType>(schema: Body, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A required JSON body. */
export const jsonBody = <Body extends z.ZodType>(schema: Body) => ({
  required: true,
  content: { 'application/json': { schema } },
})

/** The path parameter `id`. */
export const byId = z.strictObject({ id: idParam('id') })

/** Who made something, as everyone may know them. */
export const creatorRef = z
  .object({ id: z.string(), handle: z.string(), display_name: z.string() })
  .openapi('CreatorRef')

/** An instant: RFC 3339, UTC, milliseconds. */
export const instant = z.iso.datetime().openapi({ example: '2026-11-21T18:00:00.000Z' })

/** Where something plays; absolute URLs on the media origin. `poster_url` and `dash_url` are there when the plane makes them. */
export const playback = z
  .object({
    id: z.string(),
    hls_url: z.url(),
    dvr_url: z.url(),
    dash_url: z.url().optional(),
    poster_url: z.url().optional(),
  })
  .openapi('Playback', {
    example: {
      id: 'play_4tqyv2wzsl3kd6b5x7aejmnopq',
      hls_url: 'http://localhost:8081/live/play_4tqyv2wzsl3kd6b5x7aejmnopq/master.m3u8',
      dvr_url: 'http://localhost:8081/live/play_4tqyv2wzsl3kd6b5x7aejmnopq/dvr.m3u8',
    },
  })
export type Playback = z.infer<typeof playback>
