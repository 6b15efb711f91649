import type { ChannelsApi } from '#run-services/channels/contract.ts'
import type { WebDeps } from '#run-services/web/app.ts'

type Stream = ChannelsApi['GET /v1/streams/{id}']['answer']
type Channel = ChannelsApi['GET /v1/channels/{id}']['answer']

/** Longest wait for the facts of a share page, in ms; the page is served without them then. */
const FACTS_MS_MAX = 1_000

/** What share pages say, asked of the public API like anybody else asks. */
export function shareFactsFrom(apiUrl: URL): WebDeps['shareFacts'] {
  const get = async <Body>(path: string): Promise<Body | undefined> => {
    const response = await fetch(new URL(path, apiUrl), { signal: AbortSignal.timeout(FACTS_MS_MAX) })
    return response.ok ? ((await response.json()) as Body) : undefined
  }
  return async id => {
    if (id.startsWith('chan_')) {
      const channel = await get<Channel>(`/v1/channels/${id}`)
      if (channel === undefined) return undefined
      const { title, state, playback } = channel
      return {
        title,
        creator: undefined,
        live: state === 'live',
        posterUrl: playback?.poster_url,
        videoUrl: playback?.hls_url,
      }
    }
    const stream = await get<Stream>(`/v1/streams/${id}`)
    if (stream === undefined) return undefined
    const { title, creator, state, playback } = stream
    return {
      title,
      creator: creator.display_name,
      live: state === 'live' || state === 'reconnecting',
      posterUrl: playback.poster_url,
      videoUrl: playback.hls_url,
    }
  }
}
