import type { JSX } from 'preact'
import { ApiProblem } from '../api/api-problem.ts'
import { t } from '../i18n/translate.ts'
import type { PlainTextKey } from '../i18n/translate.ts'
import { Icon } from './icon.tsx'

const WORDS: Readonly<Record<string, { what: PlainTextKey; next: PlainTextKey }>> = {
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

/** What went wrong in one sentence, and what to do about it in another; the request's id for whoever asks us. */
export function ProblemNotice({ problem }: { problem: unknown }): JSX.Element {
  const known = problem instanceof ApiProblem ? problem : undefined
  const words = known === undefined ? undefined : WORDS[known.code]
  return (
    <div class="notice" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{words === undefined ? (known?.message ?? t('problem.unexpected')) : t(words.what)}</strong>{' '}
        {t(words?.next ?? 'problem.unexpectedNext')}
        {words === undefined && known?.requestId !== undefined && <span class="muted"> {known.requestId}</span>}
      </p>
    </div>
  )
}
