import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { serverNow } from '../api/server-time.ts'
import { agoText, clockText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import { ShowClips } from '../clip/show-clips.tsx'
import { Icon } from '../ui/icon.tsx'
import { LivePill } from '../ui/live-pill.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { HealthPanel } from './health-panel.tsx'
import { LedgerLine } from './ledger-line.tsx'
import { StudioFrame } from './studio-frame.tsx'
import { StreamTimeline } from './stream-timeline.tsx'

const EVERY_MS = 4_000
const EVENTS_MAX = 100

/** One show from inside: what happened when, how the encoder did, its clips, and whether everything was kept. */
export function StreamPage({ id }: { id: string }): JSX.Element {
  return (
    <StudioFrame title={t('studio.title')}>
      {({ session }) => <StreamDetails id={id} token={session.token} />}
    </StudioFrame>
  )
}

function StreamDetails({ id, token }: { id: string; token: string }): JSX.Element {
  const params = { id }
  const shown = usePolled(`detail ${id}`, EVERY_MS, signal => call('GET /v1/streams/{id}', { params, token, signal }))
  const health = usePolled(`detail health ${id}`, EVERY_MS, signal =>
    call('GET /v1/streams/{id}/health', { params, token, signal }),
  )
  const ledger = usePolled(`detail ledger ${id}`, EVERY_MS, signal =>
    call('GET /v1/streams/{id}/ledger', { params, token, signal }),
  )
  const timeline = usePolled(`detail timeline ${id}`, EVERY_MS, signal =>
    call('GET /v1/streams/{id}/timeline', { params, query: { limit: EVENTS_MAX }, token, signal }),
  )
  const stream = shown.value
  useEffect(() => {
    if (stream !== undefined) document.title = `${stream.title} · Showreel`
  }, [stream?.title])
  if (stream === undefined)
    return shown.error === undefined ? <div aria-busy="true" /> : <ProblemNotice problem={shown.error} />
  return (
    <>
      <header class="desk-head stream-head">
        <div class="show-head-text">
          <p class="show-head-state">
            <LivePill stream={stream} />
            {stream.started_at !== null && (
              <span class="muted figures">
                {t('show.started', { ago: agoText(currentLanguage(), Date.parse(stream.started_at), serverNow()) })}
                {stream.duration_ms !== null && ` · ${clockText(stream.duration_ms)}`}
              </span>
            )}
          </p>
          <h1>{stream.title}</h1>
        </div>
        <a class="button" href={`/w/${stream.id}`}>
          <Icon name="eye" />
          {t('studio.viewerPage')}
        </a>
      </header>
      <div class="desk" data-on="true">
        <div class="desk-main">
          <ShowClips streamId={id} token={token} />
          {health.value !== undefined && <HealthPanel health={health.value} stream={stream} />}
          <StreamTimeline items={timeline.value?.data ?? []} more={timeline.value?.has_more ?? false} />
        </div>
        <div class="desk-side">{ledger.value !== undefined && <LedgerLine ledger={ledger.value} />}</div>
      </div>
    </>
  )
}
