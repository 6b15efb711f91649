import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { FeedItem } from '../api/api-routes.ts'
import { feedVideo, type FeedVideo, type FeedVideoState } from './feed-video.ts'

export type ActiveVideo = {
  state: FeedVideoState
  /** Where the picture of the item on screen goes. */
  slot: (element: Element | null) => void
  toggle: () => void
  setMuted: (muted: boolean) => void
  progress: () => number
}

/** Keeps the feed's one video with the item on screen. */
export function useFeedVideo(item: FeedItem | undefined, next: FeedItem | undefined): ActiveVideo {
  const [state, setState] = useState<FeedVideoState>({
    shown: undefined,
    failed: undefined,
    paused: false,
    muted: true,
  })
  const video = useRef<FeedVideo | undefined>(undefined)
  const [place, setPlace] = useState<Element | null>(null)
  useEffect(() => {
    const made = feedVideo(!matchMedia('(prefers-reduced-motion: reduce)').matches, setState)
    video.current = made
    return () => made.close()
  }, [])
  useEffect(() => {
    if (item !== undefined && place?.closest(`[data-item="${item.id}"]`) != null) video.current?.show(item, place, next)
  }, [item?.id, place, next?.id])
  return {
    state,
    slot: setPlace,
    toggle: useCallback(() => video.current?.toggle(), []),
    setMuted: useCallback((muted: boolean) => video.current?.setMuted(muted), []),
    progress: useCallback(() => video.current?.progress() ?? 0, []),
  }
}
