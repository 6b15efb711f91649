import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { endStreamKey, knownStreamKey, settleStreamKey } from './end-stream-key.ts'

/** Ends a key now; a session that runs on it ends within five seconds. Deleting it again changes nothing. */
export async function deleteStreamKey(deps: ChannelsDeps, channel: ChannelRow, keyId: string): Promise<void> {
  const ended = await deps.database.transaction(async tx => {
    const key = await knownStreamKey(tx, channel, keyId)
    return key.state === 'revoked' ? key : endStreamKey(tx, key, deps.now(), deps.now())
  })
  await settleStreamKey(deps, channel.provider_ref, ended)
}
