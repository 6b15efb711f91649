import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { copyText } from './copy-text.ts'
import { Icon } from './icon.tsx'

const MASK = '•'.repeat(24)

/** A value to take elsewhere: read, copied with one press, and masked until asked for when it is secret. */
export function CopyField({
  label,
  value,
  secret = false,
}: {
  label: string
  value: string
  secret?: boolean
}): JSX.Element {
  const [shown, setShown] = useState(!secret)
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => setCopied(await copyText(value))
  return (
    <div class="copy-field">
      <span class="field-label">{label}</span>
      <span class="copy-field-row">
        <code class="copy-field-value" data-masked={!shown}>
          {shown ? value : MASK}
        </code>
        {secret && (
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label={t(shown ? 'copy.hide' : 'copy.reveal')}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            <Icon name="eye" />
          </button>
        )}
        <button
          type="button"
          class="button button-quiet copy-field-copy"
          onClick={() => void copy()}
          onBlur={() => setCopied(false)}
        >
          <Icon name={copied ? 'check' : 'copy'} />
          <span aria-live="polite">{t(copied ? 'copy.done' : 'copy.button')}</span>
          <span class="visually-hidden"> {label}</span>
        </button>
      </span>
    </div>
  )
}
