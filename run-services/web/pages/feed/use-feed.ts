import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { FeedItem } from '../api/api-routes.ts'
import { call } from '../api/call.ts'

/** Items of one page: the first is small, so that the first picture waits for little. */
const FIRST_PAGE = 6
const NEXT_PAGE = 12
/** How often the head of the feed is asked for what is new, and while there is nothing at all; in ms. */
const NEWS_EVERY_MS = 12_000
const EMPTY_EVERY_MS = 3_000
/** Items kept in one sitting; whoever gets there has seen days of it. */
const ITEMS_MAX = 2_000

export type Feed = {
  items: readonly FeedItem[]
  /** Undefined until the first page is there. */
  loaded: boolean
  problem: unknown
  /** Asks for the next page, unless it is on its way or there is none. */
  more: () => void
}

type Loaded = { items: FeedItem[]; cursor: string | null; loaded: boolean; problem: unknown }

/**
 * The feed as this visit sees it: pages are added at the end, and what is published meanwhile comes right after the item
 * on screen. An item comes once.
 */
export function useFeed(activeIndex: number): Feed {
  const [state, setState] = useState<Loaded>({ items: [], cursor: null, loaded: false, problem: undefined })
  const latest = useRef(state)
  latest.current = state
  const active = useRef(activeIndex)
  active.current = activeIndex
  const asking = useRef(false)
  const wanted = useRef(false)

  const ask = useCallback(async (cursor: string | null, signal?: AbortSignal) => {
    if (asking.current) return
    asking.current = true
    try {
      const query = cursor === null ? { limit: FIRST_PAGE } : { limit: NEXT_PAGE, cursor }
      const page = await call('GET /v1/feed', { query, ...(signal === undefined ? {} : { signal }) })
      setState(before => {
        const first = !before.loaded || before.items.length === 0
        const at = cursor === null && !first ? active.current + 1 : before.items.length
        return {
          items: inserted(before.items, page.data, at),
          cursor: cursor !== null || first ? page.next_cursor : before.cursor,
          loaded: true,
          problem: undefined,
        }
      })
    } catch (problem) {
      if (signal?.aborted !== true) setState(before => ({ ...before, problem }))
    } finally {
      asking.current = false
    }
  }, [])
  const more = useCallback(() => {
    const { cursor, items } = latest.current
    wanted.current = asking.current
    if (!asking.current && cursor !== null && items.length < ITEMS_MAX) void ask(cursor)
  }, [])
  // Asked for the end of the feed while its head was on the way: that wish comes next.
  useEffect(() => {
    if (wanted.current) more()
  }, [state])

  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const round = async (): Promise<void> => {
      if (!document.hidden) await ask(null, abort.signal)
      if (abort.signal.aborted) return
      timer = setTimeout(() => void round(), latest.current.items.length === 0 ? EMPTY_EVERY_MS : NEWS_EVERY_MS)
    }
    void round()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [])

  return { items: state.items, loaded: state.loaded, problem: state.problem, more }
}

function inserted(items: readonly FeedItem[], found: readonly FeedItem[], at: number): FeedItem[] {
  const known = new Set(items.map(({ id }) => id))
  return items.toSpliced(at, 0, ...found.filter(({ id }) => !known.has(id)))
}
