import type { JSX } from 'preact'
import type { Clip } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'

const TONES: Readonly<Partial<Record<Clip['state'], 'ok' | 'warn' | 'bad' | 'busy'>>> = {
  requested: 'busy',
  rendering: 'busy',
  in_review: 'warn',
  ready: 'ok',
  published: 'ok',
  rejected: 'bad',
  failed: 'bad',
}

/** Where a clip stands, in a word beside a coloured dot. */
export function ClipState({ clip }: { clip: Pick<Clip, 'state'> }): JSX.Element {
  return (
    <span class="clip-state" data-tone={TONES[clip.state] ?? 'plain'}>
      {t(`clip.state.${clip.state}`)}
    </span>
  )
}
