const SESSION_PREFIX = 'st-'
const CHANNEL_ARN = /^arn:aws[a-z-]*:ivs:[a-z0-9-]+:\d+:channel\/([A-Za-z0-9]+)$/

/** The id of a show: IVS names its sessions within a channel, and a show is asked for without its channel. */
export function ivsShowId(channelArn: string, sessionId: string): string {
  const session = sessionId.startsWith(SESSION_PREFIX) ? sessionId.slice(SESSION_PREFIX.length) : sessionId
  return `ivs-${ivsChannelId(channelArn)}-${session}`
}

const SHOW_ID = /^ivs-([A-Za-z0-9]+)-([A-Za-z0-9-]+)$/

/** The channel and the session that a show's id stands for; undefined for a show of another plane. */
export function ivsShowParts(showId: string): { channelId: string; sessionId: string } | undefined {
  const match = SHOW_ID.exec(showId)
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { channelId: match[1], sessionId: SESSION_PREFIX + match[2] }
}

/** The last part of a channel's ARN, under which IVS records it; empty for what is none. */
export function ivsChannelId(channelArn: string): string {
  return CHANNEL_ARN.exec(channelArn)?.[1] ?? ''
}
