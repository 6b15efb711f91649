import type { FeedItem } from '../api/api-routes.ts'

/** Largest video that is fetched ahead, in bytes; a longer one starts over the network. */
const WARM_BYTES_MAX = 16_000_000

/** What the next item needs, fetched before anybody asks for it: bytes alone, so nothing is decoded twice. */
export interface WarmMedia {
  /** Fetches ahead for that item and forgets what was fetched for any other. */
  warm(item: FeedItem | undefined): void
  /** A URL of the fetched bytes, once and only when they are whole; the caller revokes it. */
  take(item: FeedItem): string | undefined
}

/** Keeps the bytes of one item at most. */
export function warmMedia(): WarmMedia {
  let kept: { id: string; abort: AbortController; blob: Blob | undefined } | undefined
  return {
    warm(item) {
      if (kept?.id === item?.id) return
      kept?.abort.abort()
      kept = undefined
      const url = item === undefined ? undefined : clipUrl(item)
      if (item === undefined || savesData()) return
      // A show has no file: its player is what takes time to arrive.
      if (url === undefined) void import('../watch/open-source.ts').catch(() => undefined)
      else {
        const fetched = { id: item.id, abort: new AbortController(), blob: undefined as Blob | undefined }
        kept = fetched
        void fetchWhole(url, fetched.abort.signal).then(
          blob => (fetched.blob = blob),
          () => undefined,
        )
      }
    },
    take(item) {
      if (kept?.id !== item.id) return undefined
      const { blob, abort } = kept
      kept = undefined
      abort.abort()
      return blob === undefined ? undefined : URL.createObjectURL(blob)
    },
  }
}

/** The file a clip plays from in the feed: made for it, or as it was cut. */
export function clipUrl({ playback }: FeedItem): string | undefined {
  return playback.vertical_url ?? playback.mp4_url
}

async function fetchWhole(url: string, signal: AbortSignal): Promise<Blob | undefined> {
  const response = await fetch(url, { signal })
  const bytes = Number(response.headers.get('content-length') ?? 0)
  if (response.ok && bytes <= WARM_BYTES_MAX) return await response.blob()
  await response.body?.cancel()
  return undefined
}

function savesData(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } }
  return connection?.saveData === true
}
