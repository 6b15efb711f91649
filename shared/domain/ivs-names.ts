/** A show of Amazon IVS as it is named here: the channel's id and the stream session's. */
export type IvsShow = { channelId: string; sessionId: string }

const SESSION_PREFIX = 'st-'
const SHOW = /^ivs-([A-Za-z0-9]+)-([A-Za-z0-9]+)$/
const CHANNEL_ARN = /^arn:aws[a-z-]*:ivs:[a-z0-9-]+:\d+:channel\/([A-Za-z0-9]+)$/

/** The id of a show: IVS names its sessions within a channel, and a show is asked for without its channel. */
export function ivsShowId(channelArn: string, sessionId: string): string {
  const session = sessionId.startsWith(SESSION_PREFIX) ? sessionId.slice(SESSION_PREFIX.length) : sessionId
  return `ivs-${ivsChannelId(channelArn)}-${session}`
}

/** Channel and session of a show; undefined when the id is none of IVS. */
export function ivsShowOf(showId: string): IvsShow | undefined {
  const [, channelId, session] = SHOW.exec(showId) ?? []
  return channelId === undefined || session === undefined
    ? undefined
    : { channelId, sessionId: SESSION_PREFIX + session }
}

/** The last part of a channel's ARN, under which IVS records it. */
export function ivsChannelId(channelArn: string): string {
  return CHANNEL_ARN.exec(channelArn)?.[1] ?? ''
}
