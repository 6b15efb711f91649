import type { JSX, TargetedKeyboardEvent } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

/** How much of what was just seen a clip may take, in ms. */
const SPANS_MS = [15_000, 30_000, 60_000] as const
const SPAN_MS = 30_000
const STORED = 'showreel.clip-span'
const CHOSEN = 'showreel:clip-span'

/** The length this viewer chose last, in ms. */
export function preferredSpan(): number {
  const kept = Number(localStorage.getItem(STORED))
  return SPANS_MS.find(span => span === kept) ?? SPAN_MS
}

type ClipButtonProps = {
  /** In the player's bar, or beside the title. */
  place: 'player' | 'page'
  disabled: boolean
  onClip: (spanMs: number) => void
}

/** Clips what was just seen with one press; the small arrow offers other lengths and remembers the choice. */
export function ClipButton({ place, disabled, onClip }: ClipButtonProps): JSX.Element {
  const root = useRef<HTMLSpanElement>(null)
  const [open, setOpen] = useState(false)
  const [span, setSpan] = useState(preferredSpan)
  useEffect(() => {
    const chosen = (): void => setSpan(preferredSpan())
    addEventListener(CHOSEN, chosen)
    return () => removeEventListener(CHOSEN, chosen)
  }, [])
  useEffect(() => {
    if (!open) return undefined
    root.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus()
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])
  const close = (): void => {
    setOpen(false)
    root.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus()
  }
  const choose = (spanMs: number): void => {
    localStorage.setItem(STORED, String(spanMs))
    // The other button of the page says the same.
    dispatchEvent(new Event(CHOSEN))
    close()
    onClip(spanMs)
  }
  const looks = place === 'player' ? 'control' : 'button button-primary'
  return (
    <span class="clip-that" data-place={place} ref={root}>
      <button
        type="button"
        class={`${looks} clip-that-press`}
        disabled={disabled}
        title={t('clip.last', { seconds: span / 1000 })}
        onClick={() => onClip(span)}
      >
        <Icon name="scissors" />
        {t('clip.that')}
      </button>
      <button
        type="button"
        class={`${looks} clip-that-span`}
        disabled={disabled}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span class="figures" aria-hidden="true">
          {span / 1000}s
        </span>
        <span class="visually-hidden">{t('clip.span')}</span>
        <Icon name="down" />
      </button>
      {open && <SpanMenu span={span} onChoose={choose} onClose={close} />}
    </span>
  )
}

type SpanMenuProps = { span: number; onChoose: (spanMs: number) => void; onClose: () => void }

function SpanMenu({ span, onChoose, onClose }: SpanMenuProps): JSX.Element {
  const pressed = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitemradio"]')]
    const at = items.findIndex(item => item === document.activeElement)
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Escape' || event.key === 'Tab') onClose()
    else if (move !== 0) items[(at + move + items.length) % items.length]?.focus()
    else return
    event.preventDefault()
  }
  return (
    <div class="clip-that-list" role="menu" tabIndex={-1} aria-label={t('clip.span')} onKeyDown={pressed}>
      {SPANS_MS.map(spanMs => (
        <button
          key={spanMs}
          type="button"
          role="menuitemradio"
          aria-checked={span === spanMs}
          onClick={() => onChoose(spanMs)}
        >
          {t('clip.last', { seconds: spanMs / 1000 })}
        </button>
      ))}
    </div>
  )
}
