import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { TagsField } from './tags-field.tsx'
import type { ClipDraft } from './clip-draft.ts'

const TITLE_CHARS_MAX = 140

type WordsCardProps = { draft: ClipDraft; onChange: (part: Partial<ClipDraft>) => void }

/** What the clip is called and found by. */
export function WordsCard({ draft, onChange }: WordsCardProps): JSX.Element {
  return (
    <section class="card" aria-labelledby="words-title">
      <h2 id="words-title">{t('editor.words')}</h2>
      <label class="field">
        <span class="field-label">{t('editor.name')}</span>
        <input
          class="input"
          maxLength={TITLE_CHARS_MAX}
          value={draft.title}
          onInput={event => onChange({ title: event.currentTarget.value })}
        />
      </label>
      <TagsField tags={draft.tags} onTags={tags => onChange({ tags })} />
    </section>
  )
}
