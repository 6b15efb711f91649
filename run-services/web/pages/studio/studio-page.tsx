import '../styles/forms.css'
import './studio.css'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { t } from '../i18n/translate.ts'
import { addMoreIcons } from '../ui/more-icons.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { SignIn } from './sign-in.tsx'
import { StudioDesk } from './studio-desk.tsx'
import { useStudioSession } from './studio-session.ts'
import type { StudioSession } from './studio-session.ts'

addMoreIcons()

const CHANNELS_EVERY_MS = 3_000
const CHANNELS_MAX = 50

/** Where a creator goes live and watches over the show. */
export function StudioPage(): JSX.Element {
  const { session, signIn, signOut } = useStudioSession()
  useEffect(() => {
    document.title = `${t('studio.title')} · Showreel`
  }, [])
  return (
    <>
      <PageHeader>
        {session === undefined ? (
          <span />
        ) : (
          <>
            <span class="signed-in">{session.name}</span>
            <button type="button" class="button button-quiet" onClick={signOut}>
              {t('studio.signOut')}
            </button>
          </>
        )}
      </PageHeader>
      <main class="studio">
        {session === undefined ? <SignIn onSignIn={signIn} /> : <Channels session={session} onExpired={signOut} />}
      </main>
    </>
  )
}

function Channels({ session, onExpired }: { session: StudioSession; onExpired: () => void }): JSX.Element {
  const channels = usePolled(`channels ${session.token}`, CHANNELS_EVERY_MS, signal =>
    call('GET /v1/channels', { query: { limit: CHANNELS_MAX }, token: session.token, signal }),
  )
  const expired = channels.error instanceof ApiProblem && channels.error.status === 401
  useEffect(() => {
    if (expired) onExpired()
  }, [expired])
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
