import type { JSX } from 'preact'
import { ApiProblem } from '../api/api-problem.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { Icon } from './icon.tsx'

type Words = Readonly<Record<string, { what: PlainTextKey; next: PlainTextKey }>>

let words: Words = {
  'network.unreachable': { what: 'problem.offline', next: 'problem.offlineNext' },
  'auth.missing': { what: 'problem.signedOut', next: 'problem.signedOutNext' },
  'auth.invalid': { what: 'problem.signedOut', next: 'problem.signedOutNext' },
  'auth.forbidden': { what: 'problem.forbidden', next: 'problem.forbiddenNext' },
  'resource.missing': { what: 'problem.missing', next: 'problem.missingNext' },
  'request.rate-limited': { what: 'problem.tooMany', next: 'problem.tooManyNext' },
  'version.mismatch': { what: 'problem.changed', next: 'problem.changedNext' },
  'stream.not-live': { what: 'problem.notLive', next: 'problem.notLiveNext' },
  'service.unavailable': { what: 'problem.unavailable', next: 'problem.unavailableNext' },
  'service.draining': { what: 'problem.unavailable', next: 'problem.unavailableNext' },
}

/** Adds sentences for more problems, by their code. */
export function addProblemWords(more: Words): void {
  words = { ...words, ...more }
}

/** What went wrong in one sentence, and what to do about it in another; the request's id for whoever asks us. */
export function ProblemNotice({ problem }: { problem: unknown }): JSX.Element {
  const known = problem instanceof ApiProblem ? problem : undefined
  const said = known === undefined ? undefined : words[known.code]
  return (
    <div class="notice" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{said === undefined ? (known?.message ?? t('problem.unexpected')) : t(said.what)}</strong>{' '}
        {t(said?.next ?? 'problem.unexpectedNext')}
        {said === undefined && known?.requestId !== undefined && <span class="muted"> {known.requestId}</span>}
      </p>
    </div>
  )
}
