import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { readTypedTime, typedTime } from './typed-time.ts'

type TimeFieldProps = { label: string; value: number; disabled: boolean; onTime: (ms: number) => void }

/** A moment to read or to type, such as `1:23.450`; what is no time is taken back. */
export function TimeField({ label, value, disabled, onTime }: TimeFieldProps): JSX.Element {
  const [text, setText] = useState(typedTime(value))
  useEffect(() => setText(typedTime(value)), [value])
  const take = (): void => {
    const ms = readTypedTime(text)
    if (ms === undefined || ms === value) setText(typedTime(value))
    else onTime(ms)
  }
  return (
    <label class="time-field">
      <span class="field-label">{label}</span>
      <input
        class="input figures"
        inputMode="decimal"
        value={text}
        disabled={disabled}
        onInput={event => setText(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={event => {
          if (event.key === 'Enter') take()
        }}
      />
    </label>
  )
}
