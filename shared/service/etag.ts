import type { Context } from 'hono'
import { Refusal } from '#shared/domain/refusal.ts'

/** The strong entity tag of a row's version (RFC 9110 8.8.3). */
export function etagOf(version: number): string {
  return `"${version}"`
}

/**
 * Holds a write to the version its client has read: `If-Match` must list it, be `*`, or be absent.
 * Throws `version.mismatch` with the current tag otherwise (RFC 9110 13.1.1; weak tags never match).
 */
export function requireMatch(c: Context, version: number): void {
  const header = c.req.header('if-match')
  if (header === undefined) return
  const tags = header.split(',').map(tag => tag.trim())
  const current = etagOf(version)
  if (tags.includes('*') || tags.includes(current)) return
  throw new Refusal('version.mismatch', {
    detail: 'Read the resource again and repeat the change on its present version.',
    param: 'If-Match',
    extra: { current_etag: current },
  })
}
