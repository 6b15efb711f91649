/** How often the colours around a landscape picture follow it, in ms, and how small they are drawn. */
const EVERY_MS = 500
const SIZE = { width: 32, height: 18 } as const

/** The colours of a landscape picture, for the room above and below it on an upright screen. */
export interface AmbientLight {
  /** Lies under the video; style sheets blur it. */
  canvas: HTMLCanvasElement
  paint(): void
  close(): void
}

/** Follows the picture while it moves; with `follow` false it keeps the first one. */
export function ambientLight(video: HTMLVideoElement, follow: boolean): AmbientLight {
  const canvas = Object.assign(document.createElement('canvas'), SIZE)
  canvas.className = 'feed-ambient'
  const paint = (): void => {
    if (video.dataset['shape'] === 'wide') canvas.getContext('2d')?.drawImage(video, 0, 0, SIZE.width, SIZE.height)
  }
  const timer = setInterval(() => {
    if (follow && !video.paused) paint()
  }, EVERY_MS)
  return {
    canvas,
    paint,
    close() {
      clearInterval(timer)
      canvas.remove()
    },
  }
}
