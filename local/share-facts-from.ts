import type { ChannelsApi } from '#run-services/channels/contract.ts'
import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { FeedApi } from '#run-services/feed/contract.ts'
import type { WebDeps } from '#run-services/web/app.ts'

type Stream = ChannelsApi['GET /v1/streams/{id}']['answer']
type Clip = ClipsApi['GET /v1/clips/{id}']['answer']
type Share = FeedApi['GET /v1/shares/{id}']['answer']
type Channel = ChannelsApi['GET /v1/channels/{id}']['answer']

type Facts = ReturnType<WebDeps['shareFacts']>

/** Longest wait for the facts of a share page, in ms; the page is served without them then. */
const FACTS_MS_MAX = 1_000

/** What share pages say, asked of the public API like anybody else asks. */
export function shareFactsFrom(apiUrl: URL): WebDeps['shareFacts'] {
  const get = async <Body>(path: string): Promise<Body | undefined> => {
    const response = await fetch(new URL(path, apiUrl), { signal: AbortSignal.timeout(FACTS_MS_MAX) })
    return response.ok ? ((await response.json()) as Body) : undefined
  }
  const ofChannel = async (id: string): Facts => {
    const channel = await get<Channel>(`/v1/channels/${id}`)
    if (channel === undefined) return undefined
    const { title, state, playback } = channel
    return {
      id,
      kind: 'show',
      title,
      creator: undefined,
      live: state === 'live',
      posterUrl: playback?.poster_url,
      videoUrl: playback?.hls_url,
    }
  }
  const ofStream = async (id: string): Facts => {
    const stream = await get<Stream>(`/v1/streams/${id}`)
    if (stream === undefined) return undefined
    const { title, creator, state, playback } = stream
    return {
      id,
      kind: 'show',
      title,
      creator: creator.display_name,
      live: state === 'live' || state === 'reconnecting',
      posterUrl: playback.poster_url,
      videoUrl: playback.hls_url,
    }
  }
  const ofClip = async (id: string): Facts => {
    const clip = await get<Clip>(`/v1/clips/${id}`)
    if (clip === undefined) return undefined
    const { title, creator, playback } = clip
    return {
      id,
      kind: 'clip',
      title,
      creator: creator.display_name,
      live: false,
      posterUrl: playback?.poster_url,
      videoUrl: playback?.mp4_url,
    }
  }
  const ofShare = async (id: string): Facts => {
    const share = await get<Share>(`/v1/shares/${id}`)
    if (share === undefined) return undefined
    return share.clip_id === null ? ofStream(share.stream_id) : ofClip(share.clip_id)
  }
  const kinds = { chan_: ofChannel, clip_: ofClip, shar_: ofShare }
  return async id => {
    const [, of = ofStream] = Object.entries(kinds).find(([prefix]) => id.startsWith(prefix)) ?? []
    return of(id)
  }
}
