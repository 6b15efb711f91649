import type { JSX, TargetedSubmitEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { ApiRoutes, Channel } from '../api/api-routes.ts'
import { randomKey } from '../api/random-key.ts'
import { t } from '../i18n/translate.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'

export type ChannelWishes = ApiRoutes['POST /v1/channels']['body']

const REWINDS_S = [0, 900, 3_600, 14_400, 43_200] as const
const WAITS_S = [15, 60, 180, 600] as const
const MINUTE_S = 60
const HOUR_S = 3_600

function lengthText(seconds: number): string {
  if (seconds === 0) return t('channel.rewindOff')
  if (seconds < MINUTE_S) return t('channel.seconds', { count: seconds })
  return seconds < HOUR_S ? t('channel.minutes', { count: seconds / MINUTE_S }) : t('channel.hours', { count: seconds / HOUR_S })
}

function choices(offered: readonly number[], kept: number): number[] {
  return [...new Set([...offered, kept])].sort((a, b) => a - b)
}

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
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const wishes = {
      title: String(form.get('title')),
      latency_mode: form.get('latency_mode') === 'standard' ? ('standard' as const) : ('low' as const),
      dvr_window_s: Number(form.get('dvr_window_s')),
      reconnect_window_s: Number(form.get('reconnect_window_s')),
      record: form.get('record') === 'on',
    }
    setBusy(true)
    setProblem(undefined)
    await onSave(wishes, idempotencyKey.current).catch((error: unknown) => {
      // Another try with other words is another request.
      idempotencyKey.current = randomKey()
      setProblem(error)
    })
    setBusy(false)
  }
  const rewind = channel?.dvr_window_s ?? 3_600
  const wait = channel?.reconnect_window_s ?? 60
  return (
    <form class="channel-form" onSubmit={event => void submit(event)}>
      <label class="field">
        <span class="field-label">{t('channel.title')}</span>
        <input class="input" name="title" required maxLength={200} defaultValue={channel?.title ?? ''} placeholder={t('channel.titlePlaceholder')} />
      </label>
      <fieldset class="choice">
        <legend class="field-label">{t('channel.delay')}</legend>
        <label>
          <input type="radio" name="latency_mode" value="low" defaultChecked={channel?.latency_mode !== 'standard'} />
          <span>
            <strong>{t('channel.delayLow')}</strong>
            <span class="muted">{t('channel.delayLowText')}</span>
          </span>
        </label>
        <label>
          <input type="radio" name="latency_mode" value="standard" defaultChecked={channel?.latency_mode === 'standard'} />
          <span>
            <strong>{t('channel.delayStandard')}</strong>
            <span class="muted">{t('channel.delayStandardText')}</span>
          </span>
        </label>
      </fieldset>
      <div class="channel-form-pair">
        <label class="field">
          <span class="field-label">{t('channel.rewind')}</span>
          <select class="input" name="dvr_window_s" defaultValue={String(rewind)}>
            {choices(REWINDS_S, rewind).map(seconds => (
              <option key={seconds} value={seconds} selected={seconds === rewind}>
                {lengthText(seconds)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span class="field-label">{t('channel.reconnect')}</span>
          <select class="input" name="reconnect_window_s" defaultValue={String(wait)}>
            {choices(WAITS_S, wait).map(seconds => (
              <option key={seconds} value={seconds} selected={seconds === wait}>
                {lengthText(seconds)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label class="check">
        <input type="checkbox" name="record" defaultChecked={channel?.record ?? true} />
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
