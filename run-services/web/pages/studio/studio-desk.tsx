import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import type { Channel, StreamKey } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { ChannelForm } from './channel-form.tsx'
import type { ChannelWishes } from './channel-form.tsx'
import { ChannelDesk } from './channel-desk.tsx'

type Open = 'create' | 'edit' | undefined

/** A creator's channels, one of them on the desk; the first one is made here. */
export function StudioDesk({
  channels,
  token,
  onChanged,
}: {
  channels: readonly Channel[]
  token: string
  onChanged: () => void
}): JSX.Element {
  const [chosen, setChosen] = useState<string>()
  const [open, setOpen] = useState<Open>()
  // Only this tab's memory holds a key, and only until it closes: the server tells a secret once.
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({})
  const channel = channels.find(candidate => candidate.id === chosen) ?? onAirFirst(channels)
  const learn = (key: StreamKey): void => setSecrets(known => ({ ...known, [key.channel_id]: key.secret }))
  const create = async (wishes: ChannelWishes, idempotencyKey: string): Promise<void> => {
    const made = await call('POST /v1/channels', { body: wishes, token, idempotencyKey })
    learn(made.stream_key)
    setChosen(made.id)
    setOpen(undefined)
    onChanged()
  }
  const change = async (wishes: ChannelWishes): Promise<void> => {
    if (channel === undefined) return
    await call('PATCH /v1/channels/{id}', { params: { id: channel.id }, body: wishes, token })
    setOpen(undefined)
    onChanged()
  }
  if (channel === undefined) {
    return (
      <section class="first-channel" aria-labelledby="first-channel-title">
        <div>
          <h2 id="first-channel-title">{t('channel.firstTitle')}</h2>
          <p class="muted">{t('channel.firstText')}</p>
        </div>
        <ChannelForm onSave={create} />
      </section>
    )
  }
  return (
    <>
      <header class="desk-head">
        <div class="desk-title">
          {channels.length > 1 ? (
            <select class="input desk-select" aria-label={t('channel.choose')} value={channel.id} onChange={event => setChosen(event.currentTarget.value)}>
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
        <button type="button" class="button button-quiet" onClick={() => setOpen('edit')}>
          <Icon name="settings" />
          {t('channel.settings')}
        </button>
        <button type="button" class="button button-quiet" onClick={() => setOpen('create')}>
          <Icon name="plus" />
          {t('channel.new')}
        </button>
      </header>
      <ChannelDesk key={channel.id} channel={channel} token={token} secret={secrets[channel.id]} onKey={learn} onChanged={onChanged} />
      {open !== undefined && (
        <Dialog title={t(open === 'edit' ? 'channel.editTitle' : 'channel.newTitle')} onClose={() => setOpen(undefined)}>
          <ChannelForm
            {...(open === 'edit' ? { channel } : {})}
            onSave={open === 'edit' ? change : create}
            onCancel={() => setOpen(undefined)}
          />
        </Dialog>
      )}
    </>
  )
}

function onAirFirst(channels: readonly Channel[]): Channel | undefined {
  return channels.find(channel => channel.live_stream_id !== null) ?? channels[0]
}
