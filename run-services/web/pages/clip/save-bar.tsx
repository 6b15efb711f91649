import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Clip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { randomKey } from '../api/random-key.ts'
import { t } from '../i18n/translate.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { changesPictures } from './clip-draft.ts'
import type { changesOf, ClipDraft } from './clip-draft.ts'

type SaveBarProps = {
  clip: Clip
  draft: ClipDraft
  changes: ReturnType<typeof changesOf>
  /** The clip was published: the draft becomes a clip of its own. */
  anew: boolean
  token: string
  onClip: (clip: Clip) => void
  onMade: (clip: Clip) => void
  onDiscard: () => void
}

/** Says that something is not saved yet, and saves it: in this clip, or as a new one where this one may not change. */
export function SaveBar({ clip, draft, changes, anew, token, onClip, onMade, onDiscard }: SaveBarProps): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const untitled = draft.title.trim() === ''
  const save = async (): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      if (anew) {
        const body = { ...draft, title: draft.title.trim(), stream_id: clip.stream_id, presets: presetsOf(draft) }
        onMade(await call('POST /v1/clips', { body, token, idempotencyKey: randomKey() }))
      } else {
        onClip(await call('PATCH /v1/clips/{id}', { params: { id: clip.id }, body: changes, token }))
      }
    } catch (error) {
      setProblem(error)
    }
    setBusy(false)
  }
  return (
    <section class="save-bar" aria-label={t('save.unsaved')}>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <p>
        <strong>{t('save.unsaved')}</strong>
        <span class="muted">
          {untitled
            ? t('save.untitled')
            : anew
              ? t('save.anewText')
              : changesPictures(changes)
                ? t('save.renders')
                : t('save.words')}
        </span>
      </p>
      <button type="button" class="button" disabled={busy} onClick={onDiscard}>
        {t('save.discard')}
      </button>
      <button type="button" class="button button-primary" disabled={busy || untitled} onClick={() => void save()}>
        {t(anew ? 'save.anew' : 'channel.save')}
      </button>
    </section>
  )
}

type Presets = NonNullable<SaveBarProps['changes']['presets']>

function presetsOf({ presets }: ClipDraft): Presets {
  return presets as Presets
}
