import type { JSX } from 'preact'

/** One of a few choices, all in sight; arrow keys move between them. */
export function ChoiceChips<Value extends string>({
  name,
  label,
  choices,
  value,
  onChoose,
}: {
  /** Unique on the page. */
  name: string
  label: string
  choices: readonly { value: Value; text: string }[]
  value: Value
  onChoose: (value: Value) => void
}): JSX.Element {
  return (
    <fieldset class="chips" data-row="true">
      <legend class="visually-hidden">{label}</legend>
      {choices.map(choice => (
        <label key={choice.value} class="chip-choice">
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            checked={choice.value === value}
            onChange={() => onChoose(choice.value)}
          />
          <span>{choice.text}</span>
        </label>
      ))}
    </fieldset>
  )
}
