import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '#shared/domain/refusal.ts'

export type CursorValues = readonly (string | number)[]

/** Makes and reads the opaque places of a list. */
export interface PageCursors {
  /** A cursor that only the same list (`scope`: route, filters, owner) accepts. */
  seal(values: CursorValues, scope: string): string
  /** The values of a genuine cursor of that list; throws `cursor.invalid` otherwise. */
  open(cursor: string, scope: string): CursorValues
}

const PAGE_LIMIT_MAX = 100
const PAGE_LIMIT_DEFAULT = 20
const CURSOR_CHARACTERS_MAX = 1_024
const MAC_BYTES = 16
const VALUES = z.array(z.union([z.string(), z.number()])).max(8)

/** Query of every list: `?limit=1..100&cursor=`. Spread `.shape` into a strict object with a list's own filters. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().min(1).max(CURSOR_CHARACTERS_MAX).optional(),
})

export type Page<Item> = { data: Item[]; next_cursor: string | null; has_more: boolean }

/** The schema of a list's answer. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ data: z.ZodArray<Item>; next_cursor: z.ZodNullable<z.ZodString>; has_more: z.ZodBoolean }> {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable(), has_more: z.boolean() })
}

/** Cursors signed with the secret `cursors`: readable by whoever looks, made by nobody but us. */
export function pageCursors(key: Uint8Array): PageCursors {
  function mac(body: string, scope: string): Buffer {
    return createHmac('sha256', key).update(`${scope}\0${body}`).digest().subarray(0, MAC_BYTES)
  }
  return {
    seal: (values, scope) => {
      const body = Buffer.from(JSON.stringify(values)).toString('base64url')
      return `${body}.${mac(body, scope).toString('base64url')}`
    },
    open: (cursor, scope) => {
      const [body = '', signature = '', ...rest] = cursor.split('.')
      const given = Buffer.from(signature, 'base64url')
      if (rest.length > 0 || given.length !== MAC_BYTES || !timingSafeEqual(given, mac(body, scope))) throw forged()
      return VALUES.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    },
  }
}

/** A page of rows that were read with `limit + 1`, the extra one telling whether there are more. */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return { data: shown.map(present), next_cursor: more ? cursorOf(last) : null, has_more: more }
}

function forged(): Refusal {
  return new Refusal('cursor.invalid', {
    detail: 'Use a next_cursor of this list, with the same filters.',
    param: 'cursor',
  })
}
