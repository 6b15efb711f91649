import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Stream } from '../api/api-routes.ts'

/** Whether this viewer wants pictures that move by themselves: not with reduced motion, not on a metered connection. */
function wantsMotion(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } }
  return connection?.saveData !== true && !matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** The show itself, muted and small, once it is in view; nothing is loaded before that. */
export function PreviewVideo({ stream, playing }: { stream: Stream; playing: boolean }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const [visible, setVisible] = useState(false)
  const [moving, setMoving] = useState(false)
  useEffect(() => {
    if (video.current === null || !wantsMotion()) return undefined
    const seen = new IntersectionObserver(entries => setVisible(entries.some(entry => entry.isIntersecting)))
    seen.observe(video.current)
    return () => seen.disconnect()
  }, [])
  const on = playing && visible
  useEffect(() => {
    const element = video.current
    if (!on || element === null) return undefined
    let close: (() => void) | undefined
    let left = false
    void import('../watch/open-source.ts').then(({ openSource }) => {
      if (left) return undefined
      const source = openSource(element, { url: stream.playback.hls_url, startAtMs: undefined, preview: true, onFailed: () => close?.() })
      close = () => source.close()
      return element.play().catch(() => undefined)
    })
    return () => {
      left = true
      setMoving(false)
      close?.()
    }
  }, [on, stream.id])
  return (
    <video
      ref={video}
      class="preview"
      data-moving={moving}
      muted
      playsInline
      tabIndex={-1}
      aria-hidden="true"
      onPlaying={() => setMoving(true)}
    />
  )
}
