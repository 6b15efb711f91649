import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { CHANNEL_MOVES, type ChannelState, move } from '#shared/domain/state-machine.ts'
import { requireMatch } from '#shared/service/etag.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { patchChannelBody } from './channel-answer.ts'
import { updateChannel, type ChannelRow } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { endOpenStream } from './complete-stream.ts'
import { ownChannel } from './own-channel.ts'
import { settleChannel } from './settle-channel.ts'

/**
 * Changes a channel's settings. The row is the truth at once; a plane that does not answer is told by the reconciler.
 * Disabling ends the show on the air.
 */
export async function patchChannel(
  deps: ChannelsDeps,
  c: Context,
  principal: Principal,
  channelId: string,
  body: z.output<typeof patchChannelBody>,
): Promise<ChannelRow> {
  const { enabled, ...changes } = body
  const changed = await deps.database.transaction(async tx => {
    const channel = await ownChannel(tx, principal, channelId)
    requireMatch(c, channel.version)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const settings = { ...settingsOf(channel), ...given, state: stateAfter(channel.state, enabled) }
    const { rows } = await tx.write(updateChannel(channelId, channel.version, settings, rfc3339(deps.now())))
    const [row] = rows
    if (row === undefined)
      throw new Refusal('version.mismatch', { detail: 'The channel was changed meanwhile; try again.' })
    return row
  })
  if (changed.state === 'disabled') await endOpenStream(deps, changed, 'disabled')
  try {
    return await settleChannel(deps, changed)
  } catch (error) {
    deps.log.warn({ err: error, channel_id: channelId }, 'the plane will hear of changed settings later')
    return changed
  }
}

function stateAfter(state: ChannelState, enabled: boolean | undefined): ChannelState {
  if (enabled === undefined || enabled === (state !== 'disabled')) return state
  return move<ChannelState>(CHANNEL_MOVES, 'channel', state, enabled ? 'idle' : 'disabled')
}

function settingsOf({ title, latency_mode, dvr_window_s, renditions_max, reconnect_window_s, record }: ChannelRow) {
  return { title, latency_mode, dvr_window_s, renditions_max, reconnect_window_s, record }
}
