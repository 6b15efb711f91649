import type { JSX } from 'preact'
import type { Channel } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

type DeskHeadProps = {
  channels: readonly Channel[]
  channel: Channel
  onChoose: (id: string) => void
  onOpen: (what: 'create' | 'edit') => void
}

/** Which channel is on the desk, and the ways to change it or make another. */
export function DeskHead({ channels, channel, onChoose, onOpen }: DeskHeadProps): JSX.Element {
  return (
    <header class="desk-head">
      <div class="desk-title">
        {channels.length > 1 ? (
          <select
            class="input desk-select"
            aria-label={t('channel.choose')}
            value={channel.id}
            onChange={event => onChoose(event.currentTarget.value)}
          >
            {channels.map(candidate => (
              <option key={candidate.id} value={candidate.id} selected={candidate.id === channel.id}>
                {candidate.title}
              </option>
            ))}
          </select>
        ) : (
          <h2>{channel.title}</h2>
        )}
      </div>
      <button type="button" class="button button-quiet" onClick={() => onOpen('edit')}>
        <Icon name="settings" />
        {t('channel.settings')}
      </button>
      <button type="button" class="button button-quiet" onClick={() => onOpen('create')}>
        <Icon name="plus" />
        {t('channel.new')}
      </button>
    </header>
  )
}
