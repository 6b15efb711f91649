import { Refusal } from '#shared/domain/refusal.ts'

/** What a player asks of a playlist (RFC 8216bis 6.2.5). */
export type ReloadDirectives = { msn: number | undefined; part: number | undefined; skip: boolean }

const WHOLE = /^\d{1,12}$/u

/** Reads `_HLS_msn`, `_HLS_part` and `_HLS_skip`; throws `request.malformed` for what the standard forbids. */
export function reloadDirectives(query: string): ReloadDirectives {
  if (!query.includes('_HLS_')) return { msn: undefined, part: undefined, skip: false }
  const parameters = new URLSearchParams(query)
  const number = (name: string): number | undefined => {
    const text = parameters.get(name)
    if (text === null) return undefined
    if (WHOLE.test(text)) return Number(text)
    throw new Refusal('request.malformed', { detail: `${name} must be a whole number.`, param: name })
  }
  const msn = number('_HLS_msn')
  const part = number('_HLS_part')
  if (part !== undefined && msn === undefined) {
    throw new Refusal('request.malformed', { detail: '_HLS_part needs _HLS_msn.', param: '_HLS_part' })
  }
  const skip = parameters.get('_HLS_skip')
  return { msn, part, skip: skip === 'YES' || skip === 'v2' }
}
