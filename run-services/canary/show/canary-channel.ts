import type { ChannelAnswer, CreatedKey } from './show-answers.ts'
import type { ShowClient } from './show-client.ts'

/** Seconds until a show whose publisher went is over: the least there is. */
const RECONNECT_WINDOW_S = 1

/** The channel of a route with a key for one show; disposing it takes the key back. */
export type CanaryChannel = AsyncDisposable & { id: string; publishUrl: string }

/** Takes the route's channel, made on first use, and gives it a new key. */
export async function canaryChannel(client: ShowClient, route: string): Promise<CanaryChannel> {
  const title = `Synthetic show, ${route}`
  const { data } = await client.ask<{ data: ChannelAnswer[] }>('GET', '/v1/channels?limit=100')
  const known = data.find(channel => channel.title === title)
  const settings = { title, reconnect_window_s: RECONNECT_WINDOW_S }
  const channel = known ?? (await client.ask<ChannelAnswer>('POST', '/v1/channels', settings))
  const keys = `/v1/channels/${channel.id}/stream-keys`
  const key = await client.ask<CreatedKey>('POST', keys, { label: title })
  const door = channel.ingest?.rtmp_url
  if (door === undefined) throw new Error('The channel has no RTMP door.')
  return {
    id: channel.id,
    publishUrl: `${door}/${key.secret}`,
    async [Symbol.asyncDispose]() {
      await client.ask('DELETE', `${keys}/${key.id}`)
    },
  }
}
