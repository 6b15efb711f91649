const SESSION_PREFIX = 'st-'
const CHANNEL_ARN = /^arn:aws[a-z-]*:ivs:[a-z0-9-]+:\d+:channel\/([A-Za-z0-9]+)$/

/** The id of a show: IVS names its sessions within a channel, and a show is asked for without its channel. */
export function ivsShowId(channelArn: string, sessionId: string): string {
  const session = sessionId.startsWith(SESSION_PREFIX) ? sessionId.slice(SESSION_PREFIX.length) : sessionId
  return `ivs-${ivsChannelId(channelArn)}-${session}`
}

/** The last part of a channel's ARN, under which IVS records it. */
function ivsChannelId(channelArn: string): string {
  return CHANNEL_ARN.exec(channelArn)?.[1] ?? ''
}
