import type { StreamKeyAnswer } from './stream-key-answer.ts'
import type { StreamKeyRow } from './stream-key-queries.ts'

/** A stream key as the API answers it: never its secret, and `revoked` as soon as its grace is over. */
export function presentStreamKey(row: StreamKeyRow, nowMs: number): StreamKeyAnswer {
  const over = row.expires_at !== null && Date.parse(row.expires_at) <= nowMs
  return {
    id: row.key_id,
    channel_id: row.channel_id,
    label: row.label,
    state: over ? 'revoked' : row.state,
    expires_at: row.expires_at,
    created_at: row.created_at,
  }
}
