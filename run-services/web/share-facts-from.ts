import type { WebDeps } from './app.ts'

/** What the public API answers, as far as share pages say it. */
type Stream = {
  title: string
  creator: { display_name: string }
  state: string
  playback: { poster_url?: string; hls_url: string }
}
type Clip = {
  title: string
  creator: { display_name: string }
  playback: { poster_url?: string; mp4_url: string } | null
}
type Share = { clip_id: string | null; stream_id: string }
type Channel = { title: string; state: string; playback: { poster_url?: string; hls_url: string } | null }

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
