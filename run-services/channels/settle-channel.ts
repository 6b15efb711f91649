import { json } from '#shared/ports/database/named-query.ts'
import type { LiveChannelSettings } from '#shared/ports/live-channels/live-channels.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { providerUrlsOf } from './provider-urls.ts'
import {
  getChannel,
  insertPlaybackId,
  setChannelRef,
  settleChannel as markSettled,
  type ChannelRow,
} from './channel-queries.ts'

/**
 * Brings the media plane to what the channel's row says, making the channel there when it is not; safe to repeat and to
 * die in. Gives the row as it is afterwards; throws what the plane refuses with.
 */
export async function settleChannel(
  deps: Pick<ChannelsDeps, 'database' | 'plane'>,
  row: ChannelRow,
): Promise<ChannelRow> {
  const settings = settingsOf(row)
  if (row.provider_ref === null) {
    const made = await deps.plane.createChannel(row.channel_id, settings)
    const { ref, playbackId } = made
    await deps.database.transaction(async tx => {
      await tx.write(setChannelRef(row.channel_id, ref, playbackId, json(providerUrlsOf(made))))
      await tx.write(insertPlaybackId(playbackId, 'channel', row.channel_id))
    })
    // The plane answers a known token with the channel as it was first asked for.
    if (row.version > 1) await deps.plane.updateChannel(ref, settings)
  } else {
    const urls = json(providerUrlsOf(await deps.plane.updateChannel(row.provider_ref, settings)))
    if (row.playback_id !== null && urls !== json(row.ingest)) {
      await rememberIngest(deps, row.channel_id, row.provider_ref, row.playback_id, urls)
    }
  }
  return deps.database.transaction(async tx => {
    await tx.write(markSettled(row.channel_id, row.version))
    const [settled] = await tx.read(getChannel(row.channel_id))
    return settled ?? row
  })
}

async function rememberIngest(
  deps: Pick<ChannelsDeps, 'database'>,
  ...args: Parameters<typeof setChannelRef>
): Promise<void> {
  await deps.database.transaction(tx => tx.write(setChannelRef(...args)))
}

function settingsOf(row: ChannelRow): LiveChannelSettings {
  return {
    name: row.title,
    latencyMode: row.latency_mode,
    dvrWindowS: row.dvr_window_s,
    renditionsMax: row.renditions_max,
    reconnectWindowS: row.reconnect_window_s,
    record: row.record,
    enabled: row.state !== 'disabled',
  }
}
