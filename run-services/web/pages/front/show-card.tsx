import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Stream } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { LivePill } from '../ui/live-pill.tsx'
import { Poster } from '../ui/poster.tsx'
import { PreviewVideo } from './preview-video.tsx'

/** A show to choose: its picture, which moves while pointed at, its title and who makes it. */
export function ShowCard({ stream }: { stream: Stream }): JSX.Element {
  const [near, setNear] = useState(false)
  const at = stream.ended_at ?? stream.started_at
  return (
    <a
      class="show-card"
      href={`/w/${stream.id}`}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={() => setNear(false)}
    >
      <span class="show-card-picture">
        <Poster stream={stream} />
        <PreviewVideo stream={stream} wished={near} />
        <LivePill stream={stream} />
      </span>
      <span class="show-card-title">{stream.title}</span>
      <span class="show-card-about muted figures">
        {stream.creator.display_name}
        {at !== null &&
          ` · ${t(stream.ended_at === null ? 'show.started' : 'show.endedAgo', { ago: agoText(currentLanguage(), Date.parse(at), serverNow()) })}`}
      </span>
    </a>
  )
}
