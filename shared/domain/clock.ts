/** Milliseconds since the Unix epoch; passed in wherever time matters so that tests and simulations own it. */
export type Clock = () => number

/** An instant as the API writes it: RFC 3339, UTC, milliseconds. */
export function rfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
