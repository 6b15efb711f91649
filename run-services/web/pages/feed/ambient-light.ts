/** How often the colours around a landscape picture follow it, in ms, and how small they are drawn. */
const EVERY_MS = 500
const SIZE = { width: 24, height: 14 } as const
/** Blurred while it is tiny: a style's blur would be done again for every frame of the video over it. */
const LIGHT = 'blur(2px) brightness(0.5) saturate(1.35)'

/** The colours of a landscape picture, for the room above and below it on an upright screen. */
export interface AmbientLight {
  /** Lies under the video, stretched to the whole stage. */
  canvas: HTMLCanvasElement
  paint(): void
  close(): void
}

/** Follows the picture while it moves; with `follow` false it keeps the first one. */
export function ambientLight(video: HTMLVideoElement, follow: boolean): AmbientLight {
  const canvas = Object.assign(document.createElement('canvas'), SIZE)
  canvas.className = 'feed-ambient'
  const context = canvas.getContext('2d')
  if (context !== null) context.filter = LIGHT
  const paint = (): void => {
    if (video.dataset['shape'] === 'wide') context?.drawImage(video, 0, 0, SIZE.width, SIZE.height)
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
