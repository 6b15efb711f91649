import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { copyText } from '../ui/copy-text.ts'
import { Icon } from '../ui/icon.tsx'

/** Hands the show's link to the phone's own share sheet, or copies it. */
export function ShareButton({ title, id }: { title: string; id: string }): JSX.Element {
  const [copied, setCopied] = useState(false)
  const share = async (): Promise<void> => {
    const url = `${location.origin}/w/${id}`
    if ('share' in navigator && matchMedia('(pointer: coarse)').matches) {
      await navigator.share({ title, url }).catch(() => undefined)
      return
    }
    setCopied(await copyText(url))
  }
  return (
    <button type="button" class="button" onClick={() => void share()} onBlur={() => setCopied(false)}>
      <Icon name={copied ? 'check' : 'share'} />
      <span aria-live="polite">{t(copied ? 'share.copied' : 'share.button')}</span>
    </button>
  )
}
