import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { ChoiceChips } from '../ui/choice-chips.tsx'
import type { ClipDraft } from './clip-draft.ts'
import type { Shape } from './crop-box.ts'

const PRESETS = [
  { value: 'shorts', text: 'preset.shorts' },
  { value: 'story', text: 'preset.story' },
  { value: 'square-post', text: 'preset.squarePost' },
] as const
const MIDDLE = 0.5

type ShapeCardProps = {
  draft: ClipDraft
  shape: Shape
  disabled: boolean
  onShape: (shape: Shape) => void
  onChange: (part: Partial<ClipDraft>) => void
}

/** Which shape is looked at, what the narrow ones keep, and the files other platforms want. */
export function ShapeCard({ draft, shape, disabled, onShape, onChange }: ShapeCardProps): JSX.Element {
  const following = draft.crop === 'follow'
  const toggle = (preset: string): void => {
    const rest = draft.presets.filter(other => other !== preset)
    const chosen = rest.length === draft.presets.length ? [...rest, preset] : rest
    onChange({ presets: PRESETS.map(({ value }) => value).filter(value => chosen.includes(value)) })
  }
  return (
    <section class="card" aria-labelledby="shape-title">
      <h2 id="shape-title">{t('crop.title')}</h2>
      <ChoiceChips
        name="shape"
        label={t('crop.title')}
        value={shape}
        onChoose={onShape}
        choices={[
          { value: 'vertical', text: t('shape.vertical') },
          { value: 'square', text: t('shape.square') },
          { value: 'wide', text: t('shape.wide') },
        ]}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={following}
          disabled={disabled}
          onChange={() => onChange({ crop: following ? { center: MIDDLE } : 'follow' })}
        />
        <span>
          {t('crop.follow')}
          <small class="muted">{t(following ? 'crop.followText' : 'crop.fixedText')}</small>
        </span>
      </label>
      <fieldset class="chips presets">
        <legend class="field-label">{t('preset.title')}</legend>
        {PRESETS.map(({ value, text }) => (
          <label key={value} class="chip-choice">
            <input
              type="checkbox"
              class="visually-hidden"
              checked={draft.presets.includes(value)}
              disabled={disabled}
              onChange={() => toggle(value)}
            />
            <span>{t(text)}</span>
          </label>
        ))}
      </fieldset>
    </section>
  )
}
