import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/dialog.tsx'

/** Asks before unsaved changes are left behind, by a link as by the browser's own ways. */
export function UnsavedGuard({ dirty }: { dirty: boolean }): JSX.Element | null {
  const [wanted, setWanted] = useState<string>()
  const leaving = useRef(false)
  useEffect(() => {
    if (!dirty) return undefined
    const unload = (event: BeforeUnloadEvent): void => {
      if (!leaving.current) event.preventDefault()
    }
    const clicked = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (link === null || link.target !== '' || link.origin !== location.origin || event.ctrlKey || event.metaKey)
        return
      event.preventDefault()
      event.stopPropagation()
      setWanted(link.href)
    }
    const traversed = (event: NavigateEvent): void => {
      if (leaving.current || event.navigationType !== 'traverse' || !event.cancelable) return
      event.preventDefault()
      setWanted(event.destination.url)
    }
    addEventListener('beforeunload', unload)
    // Where the browser lets a page ask, "back" is a way out like any other.
    const ways = 'navigation' in globalThis ? navigation : undefined
    ways?.addEventListener('navigate', traversed)
    document.addEventListener('click', clicked, { capture: true })
    return () => {
      removeEventListener('beforeunload', unload)
      ways?.removeEventListener('navigate', traversed)
      document.removeEventListener('click', clicked, { capture: true })
    }
  }, [dirty])
  if (wanted === undefined) return null
  const leave = (): void => {
    leaving.current = true
    location.assign(wanted)
  }
  return (
    <Dialog title={t('unsaved.title')} onClose={() => setWanted(undefined)}>
      <p class="muted">{t('unsaved.text')}</p>
      <div class="dialog-actions">
        <button type="button" class="button button-danger" onClick={leave}>
          {t('unsaved.leave')}
        </button>
        <button type="button" class="button button-primary" onClick={() => setWanted(undefined)}>
          {t('unsaved.stay')}
        </button>
      </div>
    </Dialog>
  )
}
