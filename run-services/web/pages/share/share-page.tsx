import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import { asViewer } from '../ui/viewer-token.ts'
import { FeedHeader } from '../feed/feed-header.tsx'
import { t } from '../i18n/translate.ts'
import { placePath } from '../ui/item-path.ts'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { goTo } from '../ui/route.ts'

/** A link that somebody sent: counts the visit and goes on to what it leads to, leaving nothing to go back to. */
export function SharePage({ id }: { id: string }): JSX.Element {
  const [problem, setProblem] = useState<unknown>()
  useEffect(() => {
    const follow = async (): Promise<void> => {
      const share = await asViewer(token => call('POST /v1/shares/{id}/visits', { params: { id }, token })).catch(() =>
        // Whoever cannot be counted may still watch.
        call('GET /v1/shares/{id}', { params: { id } }),
      )
      goTo(share.clip_id === null ? placePath(share.stream_id, share.at_ms) : `/c/${share.clip_id}`, true)
    }
    follow().catch(setProblem)
  }, [id])
  return (
    <>
      <FeedHeader />
      <main class="lost" aria-busy={problem === undefined}>
        {problem !== undefined && (
          <>
            <h1>{t('lost.title')}</h1>
            <ProblemNotice problem={problem} />
            <a class="button button-primary" href="/">
              {t('lost.home')}
            </a>
          </>
        )}
      </main>
    </>
  )
}
