import { createHash, createHmac } from 'node:crypto'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId, newId } from '#shared/domain/id.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { endReplacedKeys } from './end-replaced-keys.ts'
import { presentStreamKey } from './present-stream-key.ts'
import { settleChannel } from './settle-channel.ts'
import type { CreatedStreamKeyAnswer } from './stream-key-answer.ts'
import { getStreamKey, insertStreamKey } from './stream-key-queries.ts'

/**
 * Makes a stream key on the plane and keeps only the HMAC of its secret. The plane answers the same token with the same
 * key, so a request that died before its row was written gives the same secret when it is sent again.
 */
export async function createStreamKey(
  deps: ChannelsDeps,
  channel: ChannelRow,
  body: { label?: string | undefined },
  retryToken: string | undefined,
): Promise<CreatedStreamKeyAnswer> {
  const { creator_id: creatorId, channel_id: channelId } = channel
  const ref = channel.provider_ref ?? (await settleChannel(deps, channel)).provider_ref
  if (ref === null) throw new Error('A settled channel has no place on the plane.')
  const keyId = newKeyId(deps, channelId, retryToken)
  const { keyRef, secret } = await deps.plane.createStreamKey(ref, keyId)
  const row = await deps.database.transaction(async tx => {
    await tx.write(
      insertStreamKey({
        creator_id: creatorId,
        channel_id: channelId,
        key_id: keyId,
        secret_hash: hashOf(deps.keys.streamKeys, secret),
        label: body.label ?? null,
        provider_key_ref: keyRef,
        created_at: rfc3339(deps.now()),
      }),
    )
    await endReplacedKeys(tx, deps, channel, keyId)
    const [made] = await tx.read(getStreamKey(creatorId, channelId, keyId))
    if (made === undefined) throw new Error('A stream key that was just made is not there.')
    return made
  })
  return { ...presentStreamKey(row, deps.now()), secret }
}

function newKeyId(deps: ChannelsDeps, channelId: string, retryToken: string | undefined): string {
  if (retryToken === undefined) return newId('streamKey', deps.random)
  return derivedId('streamKey', createHash('sha256').update(`stream-key ${channelId} ${retryToken}`).digest())
}

function hashOf(key: Uint8Array, secret: string): Uint8Array {
  return createHmac('sha256', key).update(secret).digest()
}
