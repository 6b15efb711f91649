import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

type FeedHintsProps = { atStart: boolean; atEnd: boolean; onPrevious: () => void; onNext: () => void }

/** Beside the stage on wide screens: a step on and back by pointer, and the keys that do the same. */
export function FeedHints({ atStart, atEnd, onPrevious, onNext }: FeedHintsProps): JSX.Element {
  const keys = [
    { keys: ['↑', '↓'], does: t('feed.keyStep') },
    { keys: [t('feed.keySpace')], does: t('feed.keyPause') },
    { keys: ['M'], does: t('feed.keySound') },
  ]
  return (
    <aside class="feed-aside" aria-label={t('feed.keys')}>
      <ul class="feed-keys">
        {keys.map(({ keys: names, does }) => (
          <li key={does}>
            {names.map(name => (
              <kbd key={name}>{name}</kbd>
            ))}
            <span>{does}</span>
          </li>
        ))}
      </ul>
      <div class="feed-steps">
        <button
          type="button"
          class="button button-icon"
          aria-label={t('feed.previous')}
          disabled={atStart}
          onClick={onPrevious}
        >
          <Icon name="up" />
        </button>
        <button type="button" class="button button-icon" aria-label={t('feed.next')} disabled={atEnd} onClick={onNext}>
          <Icon name="downward" />
        </button>
      </div>
    </aside>
  )
}
