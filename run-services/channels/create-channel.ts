import { createHash } from 'node:crypto'
import type { z } from '@hono/zod-openapi'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId, newId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { createChannelBody, CreatedChannelAnswer } from './channel-answer.ts'
import { countChannels, getChannel, insertChannel } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { createStreamKey } from './create-stream-key.ts'
import { creatorOf } from './creator-of.ts'
import { presentChannel } from './present-channel.ts'
import { settleChannel } from './settle-channel.ts'

/** Channels one creator may have. */
const CHANNELS_MAX = 100
const PROVIDER = 'plane'

/**
 * Makes a channel with its first stream key. The row comes first and the plane second, under one token, so that a
 * request which dies in between is finished by its retry (same `retryToken`) or by the reconciler.
 */
export async function createChannel(
  deps: ChannelsDeps,
  principal: Principal,
  body: z.output<typeof createChannelBody>,
  retryToken: string | undefined,
): Promise<CreatedChannelAnswer> {
  const { creator_id: creatorId } = await creatorOf(deps, principal)
  const channelId =
    retryToken === undefined
      ? newId('channel', deps.random)
      : derivedId('channel', createHash('sha256').update(`channel ${retryToken}`).digest())
  const row = await deps.database.transaction(async tx => {
    const [known] = await tx.read(getChannel(channelId))
    if (known !== undefined) return known
    const [count] = await tx.read(countChannels(creatorId))
    if ((count?.count ?? 0) >= CHANNELS_MAX) {
      throw new Refusal('channel.too-many', { detail: `A creator may have ${CHANNELS_MAX} channels.` })
    }
    const at = rfc3339(deps.now())
    const channel = { creator_id: creatorId, channel_id: channelId, ...body, provider: PROVIDER }
    await tx.write(insertChannel({ ...channel, unsettled_at: at, created_at: at }))
    const [made] = await tx.read(getChannel(channelId))
    if (made === undefined) throw new Error('A channel that was just made is not there.')
    return made
  })
  const settled = await settleChannel(deps, row)
  const key = await createStreamKey(deps, settled, {}, retryToken)
  return { ...(await presentChannel(deps, settled, undefined, true)), stream_key: key }
}
