import './review.css'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { QueuedClip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { serverNow } from '../api/server-time.ts'
import { usePolled } from '../api/use-polled.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { StudioFrame } from '../studio/studio-frame.tsx'
import type { StudioSeat } from '../studio/studio-frame.tsx'
import { Icon } from '../ui/icon.tsx'
import { posterHue } from '../ui/poster-hue.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ReviewDesk } from './review-desk.tsx'
import { stillWaits, useVerdicts } from './use-verdicts.ts'
import { VerdictDialog } from './verdict-dialog.tsx'
import type { Verdict } from './use-verdicts.ts'

const EVERY_MS = 4_000
const QUEUE_MAX = 50

/** Clips that wait for a person, longest waiting first. */
export function ReviewPage(): JSX.Element {
  return <StudioFrame title={t('review.title')}>{seat => <Queue {...seat} />}</StudioFrame>
}

function Queue({ session, onProblem }: StudioSeat): JSX.Element {
  const { token } = session
  const queue = usePolled(`review ${token}`, EVERY_MS, signal =>
    call('GET /v1/review-queue', { query: { limit: QUEUE_MAX }, token, signal }),
  )
  useEffect(() => onProblem(queue.error), [queue.error])
  const { decisions, decide } = useVerdicts(token, queue.refresh)
  const [chosen, setChosen] = useState<string>()
  const [asked, setAsked] = useState<{ queued: QueuedClip; verdict: Verdict['verdict'] }>()
  const waiting = queue.value?.data.filter(({ clip }) => stillWaits(decisions.get(clip.id))) ?? []
  const at = Math.max(
    0,
    waiting.findIndex(({ clip }) => clip.id === chosen),
  )
  const shown = waiting[at]
  const go = (by: number): void => setChosen(waiting[Math.min(waiting.length - 1, Math.max(0, at + by))]?.clip.id)
  const ask = (verdict: Verdict['verdict']): void => {
    if (shown !== undefined && decisions.get(shown.clip.id)?.phase !== 'taken') setAsked({ queued: shown, verdict })
  }
  useReviewKeys(asked === undefined, { go, ask })
  const decideAsked = (verdict: Verdict): void => {
    if (asked === undefined) return
    setAsked(undefined)
    // A verdict that is refused brings its clip back, and to the front.
    setChosen(waiting[at + 1]?.clip.id ?? waiting[at - 1]?.clip.id)
    void decide(asked.queued.clip.id, verdict)
  }
  const refused = [...decisions.values()].find(decision => decision.phase === 'refused')
  useEffect(() => {
    if (refused !== undefined) setChosen(refused.clipId)
  }, [refused])
  return (
    <>
      <header class="desk-head review-head">
        <h1 class="desk-name">{t('review.title')}</h1>
        {waiting.length > 0 && <p class="muted">{t('review.keys')}</p>}
      </header>
      {queue.error !== undefined && <ProblemNotice problem={queue.error} />}
      {queue.value !== undefined && shown === undefined && (
        <section class="empty">
          <h2>{t('review.none')}</h2>
          <p class="muted">{t('review.noneText')}</p>
        </section>
      )}
      {shown !== undefined && (
        <div class="review">
          <ReviewDesk queued={shown} decision={decisions.get(shown.clip.id)} onAsk={ask} />
          <ol class="review-queue" aria-label={t('review.queue')}>
            {waiting.map(queued => (
              <li key={queued.clip.id}>
                <QueueEntry queued={queued} current={queued === shown} onChoose={setChosen} />
              </li>
            ))}
          </ol>
        </div>
      )}
      {asked !== undefined && <VerdictDialog {...asked} onDecide={decideAsked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

type QueueEntryProps = { queued: QueuedClip; current: boolean; onChoose: (id: string) => void }

function QueueEntry({ queued: { clip, reviews, approvals_needed: needed }, current, onChoose }: QueueEntryProps) {
  return (
    <button
      type="button"
      class="review-entry"
      aria-current={current}
      onClick={() => onChoose(clip.id)}
      onFocus={() => onChoose(clip.id)}
    >
      <span class="review-entry-picture" style={{ '--hue': posterHue(clip.id) }}>
        {clip.playback?.poster_url !== undefined && <img src={clip.playback.poster_url} alt="" loading="lazy" />}
      </span>
      <span class="review-entry-text">
        <strong>{clip.title}</strong>
        <span class="muted">
          {clip.review_since !== null && agoText(currentLanguage(), Date.parse(clip.review_since), serverNow())}
          {needed > 1 && reviews.length > 0 && (
            <>
              {' · '}
              <Icon name="eye" /> {reviews.length}/{needed}
            </>
          )}
        </span>
      </span>
      {clip.score !== null && <span class="review-entry-score figures">{clip.score.toFixed(1)}</span>}
    </button>
  )
}

/** A and R ask for a verdict, the arrows go through the queue; quiet while a question is open. */
function useReviewKeys(
  enabled: boolean,
  { go, ask }: { go: (by: number) => void; ask: (verdict: Verdict['verdict']) => void },
): void {
  useEffect(() => {
    if (!enabled) return undefined
    const actions: Readonly<Record<string, () => void>> = {
      a: () => ask('approve'),
      r: () => ask('reject'),
      ArrowDown: () => go(1),
      j: () => go(1),
      ArrowUp: () => go(-1),
      k: () => go(-1),
    }
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target instanceof HTMLElement ? event.target : undefined
      if (target?.closest('input, select, textarea, dialog, video') != null) return
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  })
}
