import type { JSX, TargetedKeyboardEvent } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

/** The server has the same bounds. */
const TAGS_MAX = 10
const TAG_CHARS_MAX = 40

type TagsFieldProps = { tags: readonly string[]; onTags: (tags: string[]) => void }

/** Words the clip is found by: Enter or a comma adds one, Backspace in the empty field takes the last one away. */
export function TagsField({ tags, onTags }: TagsFieldProps): JSX.Element {
  const [text, setText] = useState('')
  const add = (): void => {
    const next = text.trim().replace(/^#+/, '')
    setText('')
    if (next !== '' && !tags.includes(next) && tags.length < TAGS_MAX) onTags([...tags, next])
  }
  const pressed = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault()
      add()
    } else if (event.key === 'Backspace' && text === '' && tags.length > 0) {
      onTags(tags.slice(0, -1))
    }
  }
  return (
    <div class="field">
      <label class="field-label" for="clip-tags">
        {t('editor.tags')}
      </label>
      <div class="tags">
        {tags.map(tag => (
          <button
            key={tag}
            type="button"
            class="tag"
            aria-label={t('editor.dropTag', { tag })}
            onClick={() => onTags(tags.filter(other => other !== tag))}
          >
            {tag}
            <Icon name="close" />
          </button>
        ))}
        {tags.length < TAGS_MAX && (
          <input
            id="clip-tags"
            class="tags-input"
            type="text"
            maxLength={TAG_CHARS_MAX}
            placeholder={tags.length === 0 ? t('editor.tagsHint') : ''}
            value={text}
            onInput={event => setText(event.currentTarget.value)}
            onKeyDown={pressed}
            onBlur={add}
          />
        )}
      </div>
    </div>
  )
}
