import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Stream } from '../api/api-routes.ts'
import type { PlayerView } from './player-view.ts'
import type { ShowPlayer } from './show-player.ts'
import { isOver } from './is-over.ts'

const VIEW_EVERY_MS = 200

/** The player of one show in a video element, and what it looks like a few times a second. */
export function useShowPlayer(
  stream: Stream,
  video: RefObject<HTMLVideoElement | null>,
  still: RefObject<HTMLCanvasElement | null>,
): { player: ShowPlayer | undefined; view: PlayerView | undefined } {
  const [player, setPlayer] = useState<ShowPlayer>()
  const [view, setView] = useState<PlayerView>()
  useEffect(() => {
    let made: ShowPlayer | undefined
    let timer: ReturnType<typeof setInterval> | undefined
    let left = false
    const { hls_url: hls, dvr_url: dvr } = stream.playback
    // The player's libraries are most of the bytes of this site: the page stands before they come.
    void import('./show-player.ts').then(({ showPlayer }) => {
      if (left || video.current === null || still.current === null) return
      const opened = showPlayer(video.current, still.current, isOver(stream) ? { archive: hls } : { live: hls, dvr })
      made = opened
      setPlayer(opened)
      timer = setInterval(() => setView(opened.view()), VIEW_EVERY_MS)
    })
    return () => {
      left = true
      clearInterval(timer)
      made?.close()
    }
  }, [stream.id])
  return { player, view }
}
