import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useFollowedClip } from './use-followed-clip.ts'
import { t } from '../i18n/translate.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ClipState } from './clip-state.tsx'
import { RenderProgress } from './render-progress.tsx'
import type { ClipPress } from './use-clip-that.ts'
import type { Clip } from '../api/api-routes.ts'

type ClipCardProps = {
  press: ClipPress
  /** Whether this viewer has a studio to edit the clip in. */
  studio: boolean
  onAgain: () => void
  onClose: () => void
}

/** The clip that was just made, playing before anything else: its link, its render, and the vertical form beside it. */
export function ClipCard({ press, studio, onAgain, onClose }: ClipCardProps): JSX.Element {
  const card = useRef<HTMLElement>(null)
  const clip = useFollowedClip(press.clip, press.token)
  useEffect(() => {
    // The top layer lies over a player that fills the screen, too.
    const show = (): void => {
      card.current?.hidePopover()
      card.current?.showPopover()
    }
    show()
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose()
    }
    document.addEventListener('fullscreenchange', show)
    document.addEventListener('keydown', pressed)
    return () => {
      document.removeEventListener('fullscreenchange', show)
      document.removeEventListener('keydown', pressed)
    }
  }, [])
  const seconds = press.spanMs / 1000
  return (
    <aside ref={card} class="clip-card" popover="manual" aria-label={t('clip.made')}>
      <header class="clip-card-head">
        <h2 aria-live="polite">
          {clip === undefined && press.problem === undefined ? t('clip.making', { seconds }) : t('clip.made')}
        </h2>
        {clip !== undefined && <ClipState clip={clip} />}
        <button type="button" class="button button-quiet button-icon" aria-label={t('clip.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {press.problem === undefined ? (
        <ClipPictures clip={clip} />
      ) : (
        <>
          <ProblemNotice problem={press.problem} />
          <button type="button" class="button" onClick={onAgain}>
            <Icon name="rotate" />
            {t('clip.again')}
          </button>
        </>
      )}
      {clip !== undefined && (
        <>
          <RenderProgress clip={clip} />
          <CopyField label={t('clip.link')} value={`${location.origin}/c/${clip.id}`} />
          <div class="clip-card-actions">
            <a class="button" href={`/c/${clip.id}`}>
              <Icon name="play" />
              {t('clip.open')}
            </a>
            {studio && clip.yours && (
              <a class="button" href={`/studio/clips/${clip.id}`}>
                <Icon name="scissors" />
                {t('clip.edit')}
              </a>
            )}
          </div>
        </>
      )}
    </aside>
  )
}

function ClipPictures({ clip }: { clip: Clip | undefined }): JSX.Element {
  const playback = clip?.playback
  return (
    <div class="clip-card-pictures" data-vertical={playback?.vertical_url !== undefined}>
      <div class="clip-card-wide" aria-busy={playback == null}>
        {playback != null && <LoopedVideo url={playback.mp4_url} name={t('clip.made')} />}
      </div>
      {playback?.vertical_url !== undefined && (
        <div class="clip-card-tall">
          <LoopedVideo url={playback.vertical_url} name={t('clip.vertical')} />
        </div>
      )}
    </div>
  )
}

function LoopedVideo({ url, name }: { url: string; name: string }): JSX.Element {
  return <video src={url} muted autoPlay loop playsInline aria-label={name} />
}
