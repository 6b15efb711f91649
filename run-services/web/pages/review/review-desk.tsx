import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Clip, QueuedClip } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { ReasonChips } from '../clip/reason-chips.tsx'
import { agoText, clockText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import type { Decision, Verdict } from './use-verdicts.ts'

type ReviewDeskProps = {
  queued: QueuedClip
  decision: Decision | undefined
  onAsk: (verdict: Verdict['verdict']) => void
}

/** The clip under review: it plays, and says what it is, why it was picked and who has looked at it. */
export function ReviewDesk({ queued, decision, onAsk }: ReviewDeskProps): JSX.Element {
  const { clip, reviews, approvals_needed: needed } = queued
  const video = useRef<HTMLVideoElement>(null)
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  useEffect(() => {
    if (!still) void video.current?.play().catch(() => undefined)
  }, [clip.id])
  const approvals = reviews.filter(review => review.verdict === 'approve').length
  const mine = decision?.phase === 'taken'
  return (
    <article class="review-desk" aria-labelledby="review-clip">
      <div class="review-picture">
        {clip.playback !== null && (
          // oxlint-disable-next-line jsx-a11y/media-has-caption -- a clip of a live show has no caption track
          <video
            ref={video}
            key={clip.id}
            src={clip.playback.mp4_url}
            poster={clip.playback.poster_url}
            controls
            muted
            loop
            playsInline
            aria-label={clip.title}
          />
        )}
      </div>
      <div class="review-facts">
        <ReviewFacts clip={clip} />
        <h2 id="review-clip">{clip.title}</h2>
        {clip.score !== null && (
          <p class="review-score">
            <span class="muted">{t('reason.score')}</span> <strong class="figures">{clip.score.toFixed(1)}</strong>
          </p>
        )}
        <ReasonChips reasons={clip.reasons} />
        {needed > 1 && (
          <p class="four-eyes" data-half={approvals > 0}>
            <Icon name="eye" />
            <span>
              {t('review.approvals', { count: approvals, needed })}
              {mine && <strong> {t('review.another')}</strong>}
            </span>
          </p>
        )}
        {decision?.phase === 'refused' && <ProblemNotice problem={decision.problem} />}
        <div class="review-actions">
          <button type="button" class="button button-primary" disabled={mine} onClick={() => onAsk('approve')}>
            <Icon name="check" />
            {t('review.approve')}
            <kbd aria-hidden="true">A</kbd>
          </button>
          <button type="button" class="button button-danger" disabled={mine} onClick={() => onAsk('reject')}>
            <Icon name="close" />
            {t('review.reject')}
            <kbd aria-hidden="true">R</kbd>
          </button>
          <a class="button button-quiet" href={`/studio/clips/${clip.id}`}>
            <Icon name="scissors" />
            {t('clip.edit')}
          </a>
        </div>
      </div>
    </article>
  )
}

function ReviewFacts({ clip }: { clip: Clip }): JSX.Element {
  return (
    <p class="review-facts-line muted">
      {clip.review_since !== null && (
        <span>
          {t('review.waits', { ago: agoText(currentLanguage(), Date.parse(clip.review_since), serverNow()) })}
        </span>
      )}
      <span class="figures">{clockText(clip.duration_ms ?? clip.end_ms - clip.start_ms)}</span>
      <span>{clip.creator.display_name}</span>
      {clip.marquee && <span class="chip">{t('clips.marquee')}</span>}
      {clip.origin === 'highlight' && <span class="chip">{t('clips.picked')}</span>}
    </p>
  )
}
