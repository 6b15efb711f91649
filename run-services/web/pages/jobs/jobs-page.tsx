import './jobs.css'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Job } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { serverNow } from '../api/server-time.ts'
import { usePolled } from '../api/use-polled.ts'
import { agoText } from '../i18n/format-time.ts'
import { currentLanguage, t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { StudioFrame } from '../studio/studio-frame.tsx'
import type { StudioSeat } from '../studio/studio-frame.tsx'
import { ChoiceChips } from '../ui/choice-chips.tsx'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'

const EVERY_MS = 2_000
/** Jobs shown at first, and at most. */
const PAGE = 25
const PAGE_MAX = 100
const STATES = ['leased', 'ready', 'dead', 'done'] as const
type Filter = 'any' | (typeof STATES)[number]

const KINDS: Readonly<Record<string, PlainTextKey>> = {
  'archive-stream': 'jobs.archive',
  'close-reconnect-window': 'jobs.closeWindow',
  'render-clip': 'jobs.render',
  'measure-stream': 'jobs.measure',
  'pick-highlights': 'jobs.pick',
  'cut-clip': 'jobs.cut',
  'promote-clip': 'jobs.promote',
  'purge-clip': 'jobs.purge',
}

/** Work that outlives a request: what it is about, how far it is, what went wrong, and another try. */
export function JobsPage(): JSX.Element {
  return <StudioFrame title={t('jobs.title')}>{seat => <Jobs {...seat} />}</StudioFrame>
}

function Jobs({ session, onProblem }: StudioSeat): JSX.Element {
  const { token } = session
  const [filter, setFilter] = useState<Filter>('any')
  const [limit, setLimit] = useState(PAGE)
  const state = filter === 'any' ? {} : { state: filter }
  const jobs = usePolled(`jobs ${filter} ${limit}`, EVERY_MS, signal =>
    call('GET /v1/jobs', { query: { limit, ...state }, token, signal }),
  )
  useEffect(() => onProblem(jobs.error), [jobs.error])
  const data = jobs.value?.data
  return (
    <>
      <header class="desk-head">
        <h1 class="desk-name">{t('jobs.title')}</h1>
      </header>
      <ChoiceChips
        name="job-state"
        label={t('jobs.show')}
        value={filter}
        onChoose={setFilter}
        choices={[
          { value: 'any', text: t('jobs.any') },
          ...STATES.map(value => ({ value, text: t(`jobs.state.${value}`) })),
        ]}
      />
      {jobs.error !== undefined && <ProblemNotice problem={jobs.error} />}
      {data?.length === 0 && (
        <section class="empty">
          <h2>{t(filter === 'any' ? 'jobs.none' : 'jobs.noneSuch')}</h2>
          {filter === 'any' && <p class="muted">{t('jobs.noneText')}</p>}
        </section>
      )}
      {data !== undefined && data.length > 0 && (
        <ul class="jobs">
          {data.map(job => (
            <JobRow key={job.id} job={job} token={token} onRetried={jobs.refresh} />
          ))}
        </ul>
      )}
      {jobs.value?.has_more === true && limit < PAGE_MAX && (
        <button type="button" class="button more-button" onClick={() => setLimit(limit + PAGE)}>
          {t('jobs.more')}
        </button>
      )}
    </>
  )
}

function JobRow({ job, token, onRetried }: { job: Job; token: string; onRetried: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const retry = async (): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    await call('POST /v1/jobs/{id}/retry', { params: { id: job.id }, token }).then(onRetried, setProblem)
    setBusy(false)
  }
  const kind = KINDS[job.kind]
  return (
    <li class="job" data-state={job.state}>
      <div class="job-what">
        <strong>{kind === undefined ? job.kind : t(kind)}</strong>
        <JobSubject id={job.subject_id} />
      </div>
      <div class="job-how">
        <span class="job-state">
          {t(`jobs.state.${job.state}`)}
          {job.state === 'leased' && job.percent !== undefined && (
            <span class="figures"> · {Math.floor(job.percent)} %</span>
          )}
        </span>
        {job.state === 'leased' && (
          <progress
            max={100}
            aria-label={t('jobs.progress')}
            {...(job.percent === undefined ? {} : { value: job.percent })}
          />
        )}
      </div>
      <div class="job-when muted figures">
        <span>{agoText(currentLanguage(), Date.parse(job.created_at), serverNow())}</span>
        {job.attempt > 0 && <span>{t('jobs.attempts', { count: job.attempt })}</span>}
        {job.state === 'ready' && job.ready_at !== undefined && Date.parse(job.ready_at) > serverNow() && (
          <span>{t('jobs.nextTry', { ago: agoText(currentLanguage(), Date.parse(job.ready_at), serverNow()) })}</span>
        )}
      </div>
      {job.state === 'dead' && (
        <button type="button" class="button job-retry" disabled={busy} onClick={() => void retry()}>
          <Icon name="rotate" />
          {t('jobs.retry')}
        </button>
      )}
      {job.error !== undefined && job.state !== 'done' && (
        <p class="job-error">
          <Icon name="warning" />
          <span>{job.error.message}</span>
        </p>
      )}
      {problem !== undefined && <ProblemNotice problem={problem} />}
    </li>
  )
}

function JobSubject({ id }: { id: string }): JSX.Element {
  const place = id.startsWith('clip_') ? 'clips' : id.startsWith('strm_') ? 'streams' : undefined
  const short = id.length > 14 ? `${id.slice(0, 14)}…` : id
  return place === undefined ? (
    <span class="muted job-subject">{short}</span>
  ) : (
    <a class="job-subject" href={`/studio/${place}/${id}`}>
      {short}
    </a>
  )
}
