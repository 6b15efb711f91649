import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { t } from '../i18n/translate.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { StudioDesk } from './studio-desk.tsx'
import { StudioFrame } from './studio-frame.tsx'
import type { StudioSeat } from './studio-frame.tsx'

const CHANNELS_EVERY_MS = 3_000
const CHANNELS_MAX = 50

/** Where a creator goes live and watches over the show. */
export function StudioPage(): JSX.Element {
  return <StudioFrame title={t('studio.title')}>{seat => <Channels {...seat} />}</StudioFrame>
}

function Channels({ session, onProblem }: StudioSeat): JSX.Element {
  const channels = usePolled(`channels ${session.token}`, CHANNELS_EVERY_MS, signal =>
    call('GET /v1/channels', { query: { limit: CHANNELS_MAX }, token: session.token, signal }),
  )
  useEffect(() => onProblem(channels.error), [channels.error])
  return (
    <>
      <h1 class="visually-hidden">{t('studio.title')}</h1>
      {channels.error !== undefined && <ProblemNotice problem={channels.error} />}
      {channels.value !== undefined && (
        <StudioDesk channels={channels.value.data} token={session.token} onChanged={channels.refresh} />
      )}
    </>
  )
}
