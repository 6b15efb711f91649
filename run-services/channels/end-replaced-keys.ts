import type { Transaction } from '#shared/ports/database/database.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { endStreamKey } from './end-stream-key.ts'
import { listStreamKeys } from './stream-key-queries.ts'

/** Keys of one channel that are looked at; where each replaces the one before, one of them is active. */
const KEYS_MAX = 100
const FROM_OLDEST = '1970-01-01T00:00:00.000Z'

/** Writes down what a plane with one key a channel did when it made this one: every other key has ended, without grace. */
export async function endReplacedKeys(
  tx: Transaction,
  deps: Pick<ChannelsDeps, 'plane' | 'now'>,
  channel: ChannelRow,
  keyId: string,
): Promise<void> {
  if (deps.plane.features.keysPerChannel > 1) return
  const { creator_id: creatorId, channel_id: channelId } = channel
  for (const key of await tx.read(listStreamKeys(creatorId, channelId, FROM_OLDEST, '', KEYS_MAX))) {
    if (key.key_id !== keyId && key.state !== 'revoked') await endStreamKey(tx, key, deps.now(), deps.now())
  }
}
