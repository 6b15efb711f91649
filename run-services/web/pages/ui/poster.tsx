import type { JSX } from 'preact'
import type { Stream } from '../api/api-routes.ts'
import { posterHue } from './poster-hue.ts'

/** The picture of a show, or its own colours until there is one; takes the size of what it lies in. */
export function Poster({ stream, eager = false }: { stream: Stream; eager?: boolean }): JSX.Element {
  const url = stream.playback.poster_url
  return (
    <span class="poster" style={{ '--hue': posterHue(stream.id) }} aria-hidden="true">
      {url !== undefined && <img src={url} alt="" loading={eager ? 'eager' : 'lazy'} decoding="async" />}
    </span>
  )
}
