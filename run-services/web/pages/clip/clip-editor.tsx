import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Clip, Simulation, Stream } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { goTo } from '../ui/route.ts'
import { changesOf, changesPictures, draftOf, mayRecut } from './clip-draft.ts'
import { EditorPicture } from './editor-picture.tsx'
import { OutputsCard } from './outputs-card.tsx'
import { PublishCard } from './publish-card.tsx'
import { RangeCard } from './range-card.tsx'
import { SaveBar } from './save-bar.tsx'
import { ShapeCard } from './shape-card.tsx'
import { UnsavedGuard } from './unsaved-guard.tsx'
import { useRangePlayer } from './use-range-player.ts'
import { WordsCard } from './words-card.tsx'
import type { ClipDraft } from './clip-draft.ts'
import type { Shape } from './crop-box.ts'

type ClipEditorProps = {
  clip: Clip
  /** Undefined once the show is gone. */
  stream: Stream | undefined
  simulation: Simulation | undefined
  token: string
  onClip: (clip: Clip) => void
}

/** The editor of one clip; what is changed stays a draft until it is saved. */
export function ClipEditor({ clip, stream, simulation, token, onClip }: ClipEditorProps): JSX.Element {
  const [draft, setDraft] = useState<ClipDraft>(() => draftOf(clip))
  const [shape, setShape] = useState<Shape>('vertical')
  const video = useRef<HTMLVideoElement>(null)
  const changes = changesOf(clip, draft)
  const dirty = Object.keys(changes).length > 0
  // Another tab, or the server, changed what nobody touches here: take it over.
  useEffect(() => {
    if (!dirty) setDraft(draftOf(clip))
  }, [clip.updated_at])
  const change = (part: Partial<ClipDraft>): void => setDraft(before => ({ ...before, ...part }))
  const range = { from: draft.start_ms, to: draft.end_ms }
  const player = useRangePlayer(video, clip, stream, range)
  // Others have seen the clip: other pictures become a clip of their own.
  const anew = changesPictures(changes) && clip.published_at !== null
  const busy = clip.published_at === null && !mayRecut(clip)
  const saved = { clip, draft, changes, anew, token, onClip }
  return (
    <>
      <UnsavedGuard dirty={dirty} />
      <header class="desk-head">
        <a class="button button-quiet editor-back" href={`/studio/streams/${clip.stream_id}`}>
          <Icon name="back" />
          {stream?.title ?? t('clips.title')}
        </a>
      </header>
      <h1 class="visually-hidden">{clip.title}</h1>
      <div class="desk editor" data-on="true">
        <div class="desk-main">
          <EditorPicture
            {...{ clip, video, player, shape }}
            crop={draft.crop}
            disabled={busy}
            onCrop={crop => change({ crop })}
          />
          <RangeCard
            {...{ clip, stream, simulation, range, player }}
            disabled={busy}
            onRange={({ from, to }) => change({ start_ms: from, end_ms: to })}
          />
        </div>
        <div class="desk-side">
          <WordsCard draft={draft} onChange={change} />
          <ShapeCard draft={draft} shape={shape} disabled={busy} onShape={setShape} onChange={change} />
          <OutputsCard clip={clip} />
          <PublishCard {...{ clip, token, dirty, onClip }} onDeleted={() => goTo('/studio/clips')} />
        </div>
      </div>
      {dirty && (
        <SaveBar
          {...saved}
          onDiscard={() => setDraft(draftOf(clip))}
          onMade={made => goTo(`/studio/clips/${made.id}`)}
        />
      )}
    </>
  )
}
