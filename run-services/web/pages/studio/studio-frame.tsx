import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { ApiProblem } from '../api/api-problem.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { SignIn } from './sign-in.tsx'
import { useStudioSession } from './studio-session.ts'
import type { StudioSession } from './studio-session.ts'

const DESKS: readonly { path: string; name: PlainTextKey }[] = [
  { path: '/studio', name: 'studio.tabLive' },
  { path: '/studio/clips', name: 'studio.tabClips' },
  { path: '/studio/review', name: 'studio.tabReview' },
  { path: '/studio/jobs', name: 'studio.tabJobs' },
]

/** What a desk of the studio is told: who works there, and what to do when a call says they are not signed in. */
export type StudioSeat = { session: StudioSession; onProblem: (problem: unknown) => void }

/** Every screen of the studio: its head, the ways between its desks, and its door. */
export function StudioFrame({
  title,
  children,
}: {
  title: string
  children: (seat: StudioSeat) => ComponentChildren
}): JSX.Element {
  const { session, signIn, signOut } = useStudioSession()
  useEffect(() => {
    document.title = `${title} · Showreel`
  }, [title])
  const onProblem = (problem: unknown): void => {
    if (problem instanceof ApiProblem && problem.status === 401) signOut()
  }
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
      {session !== undefined && <StudioTabs />}
      <main class="studio">
        {session === undefined ? <SignIn onSignIn={signIn} /> : children({ session, onProblem })}
      </main>
    </>
  )
}

function StudioTabs(): JSX.Element {
  const here = location.pathname.replace(/\/$/, '')
  return (
    <nav class="studio-tabs" aria-label={t('studio.title')}>
      {DESKS.map(({ path, name }) => (
        <a key={path} href={path} aria-current={isHere(here, path) ? 'page' : undefined}>
          {t(name)}
        </a>
      ))}
    </nav>
  )
}

function isHere(here: string, path: string): boolean {
  if (path === '/studio') return here === path || here.startsWith('/studio/streams')
  return here === path || here.startsWith(`${path}/`)
}
