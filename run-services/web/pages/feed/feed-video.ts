import type { FeedItem } from '../api/api-routes.ts'
import { ambientLight } from './ambient-light.ts'
import { clipUrl, warmMedia } from './warm-media.ts'

export type FeedVideoState = {
  /** The item whose picture is moving, or was when it was paused. */
  shown: string | undefined
  /** The item that cannot be played. */
  failed: string | undefined
  paused: boolean
  muted: boolean
}

/** The only video of the feed: one element, so one decoder, that moves from item to item. */
export interface FeedVideo {
  /** Plays the item inside the slot; `next` is fetched ahead once the picture moves. */
  show(item: FeedItem, slot: Element, next: FeedItem | undefined): void
  toggle(): void
  setMuted(muted: boolean): void
  /** How far a clip is, from 0 to 1. */
  progress(): number
  close(): void
}

/** Muted until told otherwise, since no browser lets sound begin by itself; without motion it waits for a press. */
export function feedVideo(autoplay: boolean, onState: (state: FeedVideoState) => void): FeedVideo {
  const video = document.createElement('video')
  const ambient = ambientLight(video, autoplay)
  Object.assign(video, { muted: true, playsInline: true, loop: true, preload: 'auto' })
  video.className = 'feed-video'
  video.tabIndex = -1
  const media = warmMedia()
  let state: FeedVideoState = { shown: undefined, failed: undefined, paused: !autoplay, muted: true }
  let current: { item: FeedItem; next: FeedItem | undefined; leave: () => void } | undefined

  const tell = (change: Partial<FeedVideoState>): void => {
    state = { ...state, ...change }
    onState(state)
  }
  const play = (): void => void video.play().catch(() => undefined)
  const listen = {
    loadedmetadata: () => (video.dataset['shape'] = video.videoWidth > video.videoHeight ? 'wide' : 'tall'),
    loadeddata: () => ambient.paint(),
    playing: () => {
      tell({ shown: current?.item.id, paused: false })
      media.warm(current?.next)
    },
    pause: () => tell({ paused: true }),
    // Clips begin again; only a show comes to an end.
    ended: () => tell({ failed: current?.item.id }),
    error: () => {
      if (video.getAttribute('src') !== null) tell({ failed: current?.item.id })
    },
  }
  for (const [type, handle] of Object.entries(listen)) video.addEventListener(type, handle)

  const open = (item: FeedItem): (() => void) => {
    const url = clipUrl(item)
    if (url !== undefined) return openFile(video, url, media.take(item))
    return openShow(
      video,
      item,
      () => tell({ failed: item.id }),
      () => autoplay && play(),
    )
  }

  return {
    show(item, slot, next) {
      if (current?.item.id === item.id) {
        current.next = next
        if (state.shown === item.id) media.warm(next)
        if (video.parentElement !== slot) slot.append(ambient.canvas, video)
        return
      }
      current?.leave()
      delete video.dataset['shape']
      tell({ shown: undefined, failed: undefined, paused: !autoplay })
      slot.append(ambient.canvas, video)
      current = { item, next, leave: () => undefined }
      current.leave = open(item)
      if (autoplay) play()
    },
    toggle: () => (video.paused ? play() : video.pause()),
    setMuted(muted) {
      video.muted = muted
      tell({ muted })
    },
    progress: () => (Number.isFinite(video.duration) && video.duration > 0 ? video.currentTime / video.duration : 0),
    close() {
      ambient.close()
      for (const [type, handle] of Object.entries(listen)) video.removeEventListener(type, handle)
      current?.leave()
      media.warm(undefined)
      video.remove()
    },
  }
}

/** Plays a file: the fetched bytes when they are there, else over the network. */
function openFile(video: HTMLVideoElement, url: string, fetched: string | undefined): () => void {
  video.loop = true
  video.src = fetched ?? url
  return () => {
    video.removeAttribute('src')
    video.load()
    if (fetched !== undefined) URL.revokeObjectURL(fetched)
  }
}

/** Plays a show at its live edge; its player is loaded with the first one. */
function openShow(video: HTMLVideoElement, item: FeedItem, onFailed: () => void, onOpen: () => void): () => void {
  let left = false
  let close = (): void => undefined
  video.loop = false
  void import('../watch/open-source.ts').then(({ openSource }) => {
    if (left) return undefined
    const source = openSource(video, {
      url: item.playback.hls_url ?? '',
      startAtMs: undefined,
      lowLatency: false,
      preview: true,
      onFailed,
    })
    close = () => source.close()
    onOpen()
    return undefined
  }, onFailed)
  return () => {
    left = true
    close()
  }
}
