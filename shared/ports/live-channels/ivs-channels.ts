import { createHash } from 'node:crypto'
import {
  type Channel,
  type ChannelSummary,
  CreateChannelCommand,
  DeleteChannelCommand,
  GetChannelCommand,
  type IvsClient,
  paginateListChannels,
  UpdateChannelCommand,
} from '@aws-sdk/client-ivs'
import type { Clock } from '#shared/domain/clock.ts'
import { ivsChannelId } from '#shared/domain/ivs-names.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { everyPage, ifThere, ivsCall } from './ivs-call.ts'
import type { LiveChannel, LiveChannelSettings } from './live-channels.ts'

/** When a channel was asked for, in ms since the epoch: of two with one name the older one stays. */
const MADE_TAG = 'showreel-made'
const NAME_HEX = 32
const RTMPS_PORT = 443

/** What of a channel's settings IVS knows. */
type Wanted = {
  latencyMode: 'LOW' | 'NORMAL'
  type: 'BASIC' | 'STANDARD'
  recordingConfigurationArn: string
  /** Whether players need a signed URL. */
  authorized: boolean
}

/**
 * The channel of that token, made when it is not there. IVS takes no client token and lets names repeat: the name is the
 * token's hash, and of two that were made at once the one asked for first stays.
 */
export async function findOrCreateChannel(
  client: IvsClient,
  token: string,
  wanted: Wanted,
  now: Clock,
): Promise<Channel> {
  const name = `showreel-${createHash('sha256').update(token).digest('hex').slice(0, NAME_HEX)}`
  const [known] = await named(client, name)
  if (known !== undefined) return await readChannel(client, known.arn ?? '')
  const tags = { [MADE_TAG]: String(now()) }
  const { channel } = await ivsCall(options =>
    client.send(new CreateChannelCommand({ name, ...wanted, tags }), options),
  )
  const mine = channel?.arn ?? ''
  const winner = (await named(client, name)).at(0)?.arn ?? mine
  if (winner !== mine) await removeChannel(client, mine)
  return await readChannel(client, winner)
}

/** Channels of that name, the one that was asked for first at the front. */
async function named(client: IvsClient, name: string): Promise<ChannelSummary[]> {
  const found = await everyPage(
    options => paginateListChannels({ client }, { filterByName: name }, options),
    ({ channels }) => channels,
  )
  const madeAt = ({ tags }: ChannelSummary): number => Number(tags?.[MADE_TAG] ?? Number.MAX_SAFE_INTEGER)
  return found.toSorted((a, b) => madeAt(a) - madeAt(b) || (a.arn ?? '').localeCompare(b.arn ?? ''))
}

/** Throws `resource.missing` when there is none, also for what is no channel of IVS at all. */
export async function readChannel(client: IvsClient, arn: string): Promise<Channel> {
  if (ivsChannelId(arn) === '') throw new Refusal('resource.missing', { detail: `${arn} is no channel of IVS.` })
  const { channel } = await ivsCall(options => client.send(new GetChannelCommand({ arn }), options))
  return channel ?? {}
}

/** Changes what differs; IVS refuses a change while the channel is on the air, which is `service.unavailable` till then. */
export async function changeChannel(client: IvsClient, channel: Channel, wanted: Wanted): Promise<void> {
  const same =
    channel.latencyMode === wanted.latencyMode &&
    channel.type === wanted.type &&
    (channel.authorized ?? false) === wanted.authorized &&
    (channel.recordingConfigurationArn ?? '') === wanted.recordingConfigurationArn
  if (same) return
  await ivsCall(options => client.send(new UpdateChannelCommand({ arn: channel.arn, ...wanted }), options))
}

export async function removeChannel(client: IvsClient, arn: string): Promise<void> {
  await ifThere(ivsCall(options => client.send(new DeleteChannelCommand({ arn }), options)))
}

/** IVS makes the renditions itself: one as it comes in, or its ladder. */
export function wantedOf(
  settings: LiveChannelSettings,
  recordingConfigurationArn: string,
  authorized: boolean,
): Wanted {
  return {
    latencyMode: settings.latencyMode === 'low' ? 'LOW' : 'NORMAL',
    type: settings.renditionsMax === 1 ? 'BASIC' : 'STANDARD',
    recordingConfigurationArn: settings.record ? recordingConfigurationArn : '',
    authorized,
  }
}

export function channelOf({ arn = '', ingestEndpoint, playbackUrl }: Channel): LiveChannel {
  return {
    ref: arn,
    playbackId: `ivs-${ivsChannelId(arn)}`,
    ...(playbackUrl === undefined ? {} : { playbackUrl }),
    ingest: ingestEndpoint === undefined ? {} : { rtmpUrl: `rtmps://${ingestEndpoint}:${RTMPS_PORT}/app/` },
  }
}
