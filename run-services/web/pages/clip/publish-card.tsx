import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Clip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ClipState } from './clip-state.tsx'

const NEXT: Readonly<Partial<Record<Clip['state'], PlainTextKey>>> = {
  in_review: 'publish.waits',
  rejected: 'publish.rejected',
  failed: 'publish.failed',
}

/** States in which nobody but its people has seen the clip, and nobody is asked yet. */
const UNSEEN = new Set<Clip['state']>(['playable', 'rendering', 'ready'])

type PublishCardProps = {
  clip: Clip
  token: string
  /** Publishing would show what was saved last, and not what is on the screen. */
  dirty: boolean
  onClip: (clip: Clip) => void
  onDeleted: () => void
}

/** Whether others see the clip, and the ways to change that. */
export function PublishCard({ clip, token, dirty, onClip, onDeleted }: PublishCardProps): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const [deleting, setDeleting] = useState(false)
  const params = { id: clip.id }
  const act = async (action: () => Promise<Clip>): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    await action().then(onClip, setProblem)
    setBusy(false)
  }
  return (
    <section class="card publish" aria-labelledby="publish-title">
      <header class="card-head">
        <h2 id="publish-title">{t('publish.title')}</h2>
        <ClipState clip={clip} />
      </header>
      <Standing clip={clip} />
      {clip.state === 'published' && <CopyField label={t('clip.link')} value={`${location.origin}/c/${clip.id}`} />}
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div class="publish-actions">
        {(clip.state === 'ready' || clip.state === 'unpublished') && (
          <button
            type="button"
            class="button button-primary"
            disabled={busy || dirty}
            onClick={() => void act(() => call('POST /v1/clips/{id}/publish', { params, token }))}
          >
            <Icon name="signal" />
            {t('publish.now')}
          </button>
        )}
        {clip.state === 'published' && (
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() => void act(() => call('POST /v1/clips/{id}/unpublish', { params, token }))}
          >
            {t('publish.withdraw')}
          </button>
        )}
        {clip.published_at === null && !clip.marquee && UNSEEN.has(clip.state) && (
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() => void act(() => call('PATCH /v1/clips/{id}', { params, body: { marquee: true }, token }))}
          >
            <Icon name="gavel" />
            {t('publish.ask')}
          </button>
        )}
        {clip.state === 'in_review' && (
          <a class="button" href="/studio/review">
            <Icon name="gavel" />
            {t('publish.review')}
          </a>
        )}
        <button type="button" class="button button-danger" onClick={() => setDeleting(true)}>
          <Icon name="trash" />
          {t('publish.delete')}
        </button>
      </div>
      {dirty && clip.state === 'ready' && <p class="card-hint">{t('publish.saveFirst')}</p>}
      {deleting && <DeleteDialog clip={clip} token={token} onDeleted={onDeleted} onClose={() => setDeleting(false)} />}
    </section>
  )
}

/** What happens to the clip next, or why nothing does. */
function Standing({ clip }: { clip: Clip }): JSX.Element {
  const next = NEXT[clip.state]
  const coming = clip.publish_when_ready && (clip.state === 'playable' || clip.state === 'rendering')
  return (
    <>
      {coming && <p class="card-hint">{t(clip.marquee ? 'publish.reviewSoon' : 'publish.soon')}</p>}
      {next !== undefined && <p class="card-hint">{t(next)}</p>}
    </>
  )
}

type DeleteDialogProps = { clip: Clip; token: string; onDeleted: () => void; onClose: () => void }

/** Asks before a clip is gone for good. */
function DeleteDialog({ clip, token, onDeleted, onClose }: DeleteDialogProps): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const remove = async (): Promise<void> => {
    setBusy(true)
    await call('DELETE /v1/clips/{id}', { params: { id: clip.id }, token }).then(onDeleted, setProblem)
    setBusy(false)
  }
  return (
    <Dialog title={t('delete.title')} onClose={onClose}>
      <p>
        <strong>{clip.title}</strong>
      </p>
      <p class="muted">{t('delete.text')}</p>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('delete.keep')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void remove()}>
          {t('delete.confirm')}
        </button>
      </div>
    </Dialog>
  )
}
