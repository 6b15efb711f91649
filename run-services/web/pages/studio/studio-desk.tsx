import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import type { Channel, StreamKey } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ChannelDesk } from './channel-desk.tsx'
import { ChannelForm } from './channel-form.tsx'
import { DeskHead } from './desk-head.tsx'
import type { ChannelWishes } from './channel-form.tsx'

type StudioDeskProps = { channels: readonly Channel[]; token: string; onChanged: () => void }

/** A creator's channels, one of them on the desk; the first one is made here. */
export function StudioDesk({ channels, token, onChanged }: StudioDeskProps): JSX.Element {
  const [chosen, setChosen] = useState<string>()
  const [open, setOpen] = useState<'create' | 'edit'>()
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
  if (channel === undefined) return <FirstChannel onSave={create} />
  const change = async (wishes: ChannelWishes): Promise<void> => {
    await call('PATCH /v1/channels/{id}', { params: { id: channel.id }, body: wishes, token })
    setOpen(undefined)
    onChanged()
  }
  const close = (): void => setOpen(undefined)
  return (
    <>
      <DeskHead channels={channels} channel={channel} onChoose={setChosen} onOpen={setOpen} />
      <ChannelDesk
        key={channel.id}
        channel={channel}
        token={token}
        secret={secrets[channel.id]}
        onKey={learn}
        onChanged={onChanged}
      />
      {open === 'edit' && (
        <Dialog title={t('channel.editTitle')} onClose={close}>
          <ChannelForm channel={channel} onSave={change} onCancel={close} />
        </Dialog>
      )}
      {open === 'create' && (
        <Dialog title={t('channel.newTitle')} onClose={close}>
          <ChannelForm onSave={create} onCancel={close} />
        </Dialog>
      )}
    </>
  )
}

function onAirFirst(channels: readonly Channel[]): Channel | undefined {
  return channels.find(channel => channel.live_stream_id !== null) ?? channels[0]
}

type FirstChannelProps = { onSave: (wishes: ChannelWishes, idempotencyKey: string) => Promise<void> }

function FirstChannel({ onSave }: FirstChannelProps): JSX.Element {
  return (
    <section class="first-channel" aria-labelledby="first-channel-title">
      <div>
        <h2 id="first-channel-title">{t('channel.firstTitle')}</h2>
        <p class="muted">{t('channel.firstText')}</p>
      </div>
      <ChannelForm onSave={onSave} />
    </section>
  )
}
