import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Clip, Simulation } from '../api/api-routes.ts'
import { shareIn } from './time-window.ts'
import type { Span } from './time-window.ts'

type Sheet = Simulation['strips'][number]
/** Pictures across the strip. */
const PICTURES = 14
/** Pictures drawn from the clip's own file, and their size. */
const DRAWN = 10
const DRAWN_WIDTH_PX = 160
const DRAWN_HEIGHT_PX = 90

type FilmStripProps = { clip: Clip; window: Span; strips: readonly Sheet[] }

/** Small pictures of the show along the timeline; where the show has none yet, of the clip itself. */
export function FilmStrip({ clip, window, strips }: FilmStripProps): JSX.Element {
  const stepMs = (window.to - window.from) / PICTURES
  const moments = Array.from({ length: PICTURES }, (_, index) => window.from + (index + 0.5) * stepMs)
  const some = moments.some(atMs => sheetAt(strips, atMs) !== undefined)
  return (
    <div class="film" aria-hidden="true">
      {some
        ? moments.map((atMs, index) => <Picture key={index} sheet={sheetAt(strips, atMs)} atMs={atMs} />)
        : clip.playback !== null && <DrawnPictures clip={clip} window={window} url={clip.playback.mp4_url} />}
    </div>
  )
}

function sheetAt(strips: readonly Sheet[], atMs: number): Sheet | undefined {
  return strips.find(sheet => atMs >= sheet.from_ms && atMs < sheet.to_ms)
}

function Picture({ sheet, atMs }: { sheet: Sheet | undefined; atMs: number }): JSX.Element {
  if (sheet === undefined) return <span class="film-picture" />
  const frame = Math.min(sheet.frames - 1, Math.floor((atMs - sheet.from_ms) / sheet.every_ms))
  const rows = Math.ceil(sheet.frames / sheet.columns)
  const column = frame % sheet.columns
  const row = Math.floor(frame / sheet.columns)
  const place = (index: number, count: number): string => (count === 1 ? '0%' : `${(index / (count - 1)) * 100}%`)
  return (
    <span class="film-picture">
      <span
        class="film-sheet"
        style={{
          aspectRatio: `${sheet.width} / ${sheet.height}`,
          backgroundImage: `url("${encodeURI(sheet.url)}")`,
          backgroundSize: `${sheet.columns * 100}% ${rows * 100}%`,
          backgroundPosition: `${place(column, sheet.columns)} ${place(row, rows)}`,
        }}
      />
    </span>
  )
}

/** Draws pictures of the clip where it lies in the window. */
function DrawnPictures({ clip, window, url }: { clip: Clip; window: Span; url: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const abort = new AbortController()
    const target = canvas.current?.getContext('2d')
    if (target != null) void drawPictures(target, url, abort.signal).catch(() => undefined)
    return () => abort.abort()
  }, [url])
  const left = shareIn(window, clip.start_ms)
  const right = shareIn(window, clip.end_ms)
  return (
    <canvas
      ref={canvas}
      class="film-drawn"
      width={DRAWN * DRAWN_WIDTH_PX}
      height={DRAWN_HEIGHT_PX}
      style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
    />
  )
}

async function drawPictures(target: CanvasRenderingContext2D, url: string, signal: AbortSignal): Promise<void> {
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  video.src = url
  try {
    await once(video, 'loadeddata', signal)
    for (let index = 0; index < DRAWN; index += 1) {
      video.currentTime = ((index + 0.5) / DRAWN) * video.duration
      await once(video, 'seeked', signal)
      target.drawImage(video, index * DRAWN_WIDTH_PX, 0, DRAWN_WIDTH_PX, DRAWN_HEIGHT_PX)
    }
  } finally {
    video.removeAttribute('src')
    video.load()
  }
}

async function once(video: HTMLVideoElement, event: 'loadeddata' | 'seeked', signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true, signal })
    video.addEventListener('error', () => reject(new Error('The clip cannot be drawn.')), { once: true, signal })
    signal.addEventListener('abort', () => reject(new Error('Nobody looks any more.')), { once: true })
  })
}
