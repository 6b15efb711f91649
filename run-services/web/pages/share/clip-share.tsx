import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Clip } from '../api/api-routes.ts'
import { shareLink } from '../feed/share-link.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

/** Makes a link to the clip that counts its visits, and copies or hands it on. */
export function ClipShare({ clip }: { clip: Pick<Clip, 'id' | 'title'> }): JSX.Element {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready')
  const share = async (): Promise<void> => {
    try {
      const copied = await shareLink({ kind: 'clip', ...clip })
      setState(copied ? 'copied' : 'ready')
    } catch {
      setState('failed')
    }
  }
  const texts = { ready: t('feed.share'), copied: t('feed.copied'), failed: t('feed.shareFailed') }
  return (
    <button type="button" class="button" onClick={() => void share()} onBlur={() => setState('ready')}>
      <Icon name={state === 'copied' ? 'check' : 'share'} />
      <span aria-live="polite">{texts[state]}</span>
    </button>
  )
}
