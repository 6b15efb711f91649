import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** How far the clip is, drawn along the lower edge with every frame the browser shows. */
export function FeedProgress({ progress }: { progress: () => number }): JSX.Element {
  const bar = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    let frame = 0
    const draw = (): void => {
      if (bar.current !== null) bar.current.style.transform = `scaleX(${progress()})`
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [])
  return (
    <span class="feed-progress" aria-hidden="true">
      <span ref={bar} />
    </span>
  )
}
