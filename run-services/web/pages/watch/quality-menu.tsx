import type { JSX, TargetedKeyboardEvent } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import type { PlayerView } from './player-view.ts'
import type { ShowPlayer } from './show-player.ts'

/** Chooses a quality or leaves it to the player; says which one is on screen. */
export function QualityMenu({ player, view }: { player: ShowPlayer; view: PlayerView }): JSX.Element | null {
  const root = useRef<HTMLSpanElement>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return undefined
    root.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus()
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])
  if (view.qualities.length < 2) return null
  const current = view.qualities.find(quality => quality.index === view.current)
  const close = (): void => {
    setOpen(false)
    root.current?.querySelector<HTMLElement>('button')?.focus()
  }
  const choose = (index: number): void => {
    player.choose(index)
    close()
  }
  const pressed = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitemradio"]')]
    const at = items.findIndex(item => item === document.activeElement)
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Escape' || event.key === 'Tab') close()
    else if (move !== 0) items[(at + move + items.length) % items.length]?.focus()
    else return
    event.preventDefault()
  }
  const automatic = view.chosen < 0
  return (
    <span class="quality" ref={root}>
      <button
        type="button"
        class="control control-text figures"
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="quality" />
        <span class="visually-hidden">{t('player.quality')} </span>
        <span>{current === undefined ? t('player.auto') : `${current.height}p`}</span>
      </button>
      {open && (
        <div class="quality-list" role="menu" tabIndex={-1} aria-label={t('player.quality')} onKeyDown={pressed}>
          <button type="button" role="menuitemradio" aria-checked={automatic} onClick={() => choose(-1)}>
            <span>{t('player.auto')}</span>
            {automatic && current !== undefined && <span class="muted figures">{current.height}p</span>}
          </button>
          {view.qualities.map(quality => (
            <button
              key={quality.index}
              type="button"
              role="menuitemradio"
              aria-checked={view.chosen === quality.index}
              onClick={() => choose(quality.index)}
            >
              <span class="figures">{quality.height}p</span>
              <span class="muted figures">{(quality.kbps / 1000).toFixed(1)} Mbit/s</span>
            </button>
          ))}
        </div>
      )}
    </span>
  )
}
