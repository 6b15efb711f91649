/** A rule that a playlist breaks. */
export type PlaylistFinding = {
  /** The clause it comes from, e.g. `RFC 8216bis 4.4.3.1`. */
  rule: string
  message: string
}

/** A finding under a clause of RFC 8216bis. */
export function finding(clause: string, message: string): PlaylistFinding {
  return { rule: `RFC 8216bis ${clause}`, message }
}
