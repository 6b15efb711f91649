import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { FeedItem } from '../api/api-routes.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

const MINUTE_MS = 60_000

type Signal = FeedItem['why']['reasons'][number]['signal']

/** Why an item stands where it does: when it came, what its score was worth, and what gave the score. */
export function WhyNote({ item, onClose }: { item: FeedItem; onClose: () => void }): JSX.Element {
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    close.current?.focus()
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onClose()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
  const { bonus_ms: bonusMs, reasons } = item.why
  const signals = [...new Set(reasons.map(({ signal }) => signal))]
  const ago = agoText(currentLanguage(), Date.parse(item.at), serverNow())
  return (
    <section class="why-note" aria-label={t('feed.why')}>
      <button ref={close} type="button" class="why-close" aria-label={t('feed.close')} onClick={onClose}>
        <Icon name="close" />
      </button>
      <p>{item.kind === 'stream' ? t('feed.whyLive', { ago }) : t('feed.whyClip', { ago })}</p>
      {bonusMs >= MINUTE_MS && <p>{t('feed.whyBonus', { minutes: Math.round(bonusMs / MINUTE_MS) })}</p>}
      {signals.length > 0 && <p>{t('feed.whyReasons', { reasons: signals.map(nameOf).join(', ') })}</p>}
    </section>
  )
}

function nameOf(signal: Signal): string {
  return t(`feed.signal.${signal}`)
}
