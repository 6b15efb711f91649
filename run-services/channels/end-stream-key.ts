import { rfc3339 } from '#shared/domain/clock.ts'
import { isId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import {
  endStreamKey as endRow,
  getStreamKey,
  settleStreamKey as settleRow,
  type StreamKeyRow,
} from './stream-key-queries.ts'

const DAY_MS = 86_400_000

/** A key whose end is decided, but perhaps unknown to the plane. */
export type EndedKey = Pick<StreamKeyRow, 'creator_id' | 'channel_id' | 'key_id' | 'provider_key_ref' | 'expires_at'>

/** The key of that channel; throws `resource.missing`. */
export async function knownStreamKey(
  tx: Pick<Transaction, 'read'>,
  channel: ChannelRow,
  keyId: string,
): Promise<StreamKeyRow> {
  const [key] = isId('streamKey', keyId)
    ? await tx.read(getStreamKey(channel.creator_id, channel.channel_id, keyId))
    : []
  if (key === undefined) throw new Refusal('resource.missing', { detail: 'The channel has no such stream key.' })
  return key
}

/** Writes down that a key ends at that instant; the plane has to be told after the commit. */
export async function endStreamKey(
  tx: Transaction,
  key: StreamKeyRow,
  expiresAtMs: number,
  nowMs: number,
): Promise<EndedKey> {
  const end = {
    state: expiresAtMs <= nowMs ? ('revoked' as const) : ('retiring' as const),
    expires_at: rfc3339(expiresAtMs),
    unsettled_at: rfc3339(nowMs),
  }
  await tx.write(endRow(key.creator_id, key.channel_id, key.key_id, end))
  return { ...key, expires_at: end.expires_at }
}

/** Tells the plane of a key's end; safe to repeat. The row goes a day after it. */
export async function settleStreamKey(
  deps: Pick<ChannelsDeps, 'database' | 'plane'>,
  ref: string | null,
  key: EndedKey,
): Promise<void> {
  if (key.expires_at === null) return
  const { expires_at: expiresAt } = key
  if (ref !== null) await deps.plane.deleteStreamKey(ref, key.provider_key_ref, expiresAt)
  const purgeAt = rfc3339(Date.parse(expiresAt) + DAY_MS)
  await deps.database.transaction(tx =>
    tx.write(settleRow(key.creator_id, key.channel_id, key.key_id, expiresAt, purgeAt)),
  )
}
