import type { JSX, TargetedSubmitEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { ApiRoutes, Channel } from '../api/api-routes.ts'
import { randomKey } from '../api/random-key.ts'
import { t } from '../i18n/translate.ts'
import { formText } from '../ui/form-text.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'

export type ChannelWishes = ApiRoutes['POST /v1/channels']['body']

const TITLE_CHARS_MAX = 200
const REWINDS_S = [0, 900, 3_600, 14_400, 43_200] as const
const WAITS_S = [15, 60, 180, 600] as const
const MINUTE_S = 60
const HOUR_S = 3_600
const DEFAULTS = {
  title: '',
  latency_mode: 'low',
  dvr_window_s: HOUR_S,
  reconnect_window_s: MINUTE_S,
  record: true,
} as const

type ChannelFormProps = {
  channel?: Channel
  onSave: (wishes: ChannelWishes, idempotencyKey: string) => Promise<void>
  onCancel?: () => void
}

/** Makes a channel or changes one. */
export function ChannelForm({ channel, onSave, onCancel }: ChannelFormProps): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const idempotencyKey = useRef(randomKey())
  const kept = channel ?? DEFAULTS
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const wishes = wishesOf(new FormData(event.currentTarget))
    setBusy(true)
    setProblem(undefined)
    await onSave(wishes, idempotencyKey.current).catch((error: unknown) => {
      // Another try with other words is another request.
      idempotencyKey.current = randomKey()
      setProblem(error)
    })
    setBusy(false)
  }
  return (
    <form class="channel-form" onSubmit={event => void submit(event)}>
      <label class="field">
        <span class="field-label">{t('channel.title')}</span>
        <input
          class="input"
          name="title"
          required
          maxLength={TITLE_CHARS_MAX}
          defaultValue={kept.title}
          placeholder={t('channel.titlePlaceholder')}
        />
      </label>
      <fieldset class="choice">
        <legend class="field-label">{t('channel.delay')}</legend>
        <label>
          <input type="radio" name="latency_mode" value="low" defaultChecked={kept.latency_mode === 'low'} />
          <span>{t('channel.delayLow')}</span>
          <small class="muted">{t('channel.delayLowText')}</small>
        </label>
        <label>
          <input type="radio" name="latency_mode" value="standard" defaultChecked={kept.latency_mode === 'standard'} />
          <span>{t('channel.delayStandard')}</span>
          <small class="muted">{t('channel.delayStandardText')}</small>
        </label>
      </fieldset>
      <div class="channel-form-pair">
        <LengthSelect name="dvr_window_s" label={t('channel.rewind')} offered={REWINDS_S} kept={kept.dvr_window_s} />
        <LengthSelect
          name="reconnect_window_s"
          label={t('channel.reconnect')}
          offered={WAITS_S}
          kept={kept.reconnect_window_s}
        />
      </div>
      <label class="check">
        <input type="checkbox" name="record" defaultChecked={kept.record} />
        <span>{t('channel.record')}</span>
      </label>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div class="dialog-actions">
        {onCancel !== undefined && (
          <button type="button" class="button" onClick={onCancel}>
            {t('dialog.cancel')}
          </button>
        )}
        <button type="submit" class="button button-primary" disabled={busy}>
          {t(channel === undefined ? 'channel.create' : 'channel.save')}
        </button>
      </div>
    </form>
  )
}

function wishesOf(form: FormData): ChannelWishes {
  return {
    title: formText(form, 'title'),
    latency_mode: form.get('latency_mode') === 'standard' ? 'standard' : 'low',
    dvr_window_s: Number(form.get('dvr_window_s')),
    reconnect_window_s: Number(form.get('reconnect_window_s')),
    record: form.get('record') === 'on',
  }
}

type LengthSelectProps = { name: string; label: string; offered: readonly number[]; kept: number }

function LengthSelect({ name, label, offered, kept }: LengthSelectProps): JSX.Element {
  const choices = [...new Set([...offered, kept])].sort((a, b) => a - b)
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <select class="input" name={name}>
        {choices.map(seconds => (
          <option key={seconds} value={seconds} selected={seconds === kept}>
            {lengthText(seconds)}
          </option>
        ))}
      </select>
    </label>
  )
}

function lengthText(seconds: number): string {
  if (seconds === 0) return t('channel.rewindOff')
  if (seconds < MINUTE_S) return t('channel.seconds', { count: seconds })
  if (seconds < HOUR_S) return t('channel.minutes', { count: seconds / MINUTE_S })
  return t('channel.hours', { count: seconds / HOUR_S })
}
