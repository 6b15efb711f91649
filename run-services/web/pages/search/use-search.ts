import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { FeedItem } from '../api/api-routes.ts'
import { call } from '../api/call.ts'

export type SearchKind = 'all' | 'clip' | 'stream'

/** Quiet time after a key before the words are looked for, in ms. */
const QUIET_MS = 180
const PAGE = 24

export type Search = {
  /** Undefined until the first answer. */
  items: readonly FeedItem[] | undefined
  /** The words that `items` answer. */
  asked: string
  busy: boolean
  problem: unknown
  hasMore: boolean
  more: () => void
}

type Found = { asked: string; kind: SearchKind; items: FeedItem[] | undefined; cursor: string | null; problem: unknown }

/** What matches the words, asked again when they rest; without words the head of the feed. */
export function useSearch(words: string, kind: SearchKind): Search {
  const [found, setFound] = useState<Found>({ asked: '', kind, items: undefined, cursor: null, problem: undefined })
  const [busy, setBusy] = useState(false)
  const latest = useRef(found)
  latest.current = found

  const ask = useCallback(async (q: string, which: SearchKind, cursor: string | null, signal?: AbortSignal) => {
    setBusy(true)
    try {
      const page = await pageOf(q, which, cursor, signal)
      const before = cursor === null ? [] : (latest.current.items ?? [])
      setFound({
        asked: q,
        kind: which,
        items: [...before, ...page.data],
        cursor: page.next_cursor,
        problem: undefined,
      })
    } catch (problem) {
      if (signal?.aborted === true) return
      setFound(previous => ({ ...previous, problem }))
    } finally {
      if (signal?.aborted !== true) setBusy(false)
    }
  }, [])

  useEffect(() => {
    const abort = new AbortController()
    const wait = latest.current.items === undefined ? 0 : QUIET_MS
    const timer = setTimeout(() => void ask(words.trim(), kind, null, abort.signal), wait)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [words, kind])

  const more = useCallback(() => {
    const { asked, kind: which, cursor } = latest.current
    if (cursor !== null) void ask(asked, which, cursor)
  }, [])
  return {
    items: found.items,
    asked: found.asked,
    busy,
    problem: found.problem,
    hasMore: found.cursor !== null,
    more,
  }
}

async function pageOf(q: string, kind: SearchKind, cursor: string | null, signal: AbortSignal | undefined) {
  const place = { limit: PAGE, ...(cursor === null ? {} : { cursor }) }
  const input = signal === undefined ? {} : { signal }
  if (q !== '') return await call('GET /v1/search', { query: { ...place, q, kind }, ...input })
  const page = await call('GET /v1/feed', { query: place, ...input })
  return { ...page, data: page.data.filter(item => kind === 'all' || item.kind === kind) }
}
