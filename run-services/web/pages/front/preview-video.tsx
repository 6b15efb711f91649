import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Stream } from '../api/api-routes.ts'
import { usePreviewTurn } from './preview-turn.ts'

/** Whether this viewer wants pictures that move by themselves: not with reduced motion, not on a metered connection. */
function wantsMotion(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } }
  return connection?.saveData !== true && !matchMedia('(prefers-reduced-motion: reduce)').matches
}

function keepStill(video: HTMLVideoElement, still: HTMLCanvasElement | null): void {
  if (still === null || video.videoWidth === 0) return
  still.width = video.videoWidth
  still.height = video.videoHeight
  still.getContext('2d')?.drawImage(video, 0, 0)
  still.dataset['kept'] = 'true'
}

/** The show itself, muted and small, while it is its turn; its last picture stays when it is not. */
export function PreviewVideo({ stream, wished }: { stream: Stream; wished: boolean }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const [moving, setMoving] = useState(false)
  const turn = usePreviewTurn(video, wished)
  useEffect(() => {
    const element = video.current
    if (!turn || element === null || !wantsMotion()) return undefined
    let close: (() => void) | undefined
    let left = false
    void import('../watch/open-source.ts').then(({ openSource }) => {
      if (left) return undefined
      const source = openSource(element, {
        url: stream.playback.hls_url,
        startAtMs: undefined,
        lowLatency: false,
        preview: true,
        onFailed: () => close?.(),
      })
      close = () => source.close()
      return element.play().catch(() => undefined)
    })
    return () => {
      left = true
      keepStill(element, still.current)
      setMoving(false)
      close?.()
    }
  }, [turn, stream.id])
  return (
    <>
      <canvas ref={still} class="preview" aria-hidden="true" />
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
    </>
  )
}
