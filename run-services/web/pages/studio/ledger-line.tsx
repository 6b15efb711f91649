import type { JSX } from 'preact'
import type { ApiRoutes } from '../api/api-routes.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'

export type LedgerFigures = ApiRoutes['GET /v1/streams/{id}/ledger']['answer']

/** Whether every segment that was made is stored and indexed: the promise that nothing of a show is lost. */
export function LedgerLine({ ledger }: { ledger: LedgerFigures }): JSX.Element {
  // Segments on their way to the store are not lost: only a finished show must balance exactly.
  const whole = ledger.off === 0
  const state = whole ? 'ok' : ledger.complete ? 'bad' : 'busy'
  return (
    <section class="card ledger" aria-labelledby="ledger-title" data-state={state}>
      <header class="card-head">
        <h2 id="ledger-title">{t('ledger.title')}</h2>
        <span class="ledger-word">
          <Icon name={whole ? 'check' : state === 'bad' ? 'warning' : 'rotate'} />
          {t(whole ? 'ledger.whole' : state === 'bad' ? 'ledger.missing' : 'ledger.busy')}
        </span>
      </header>
      <dl class="figures">
        <div>
          <dt>{t('ledger.produced')}</dt>
          <dd>{ledger.produced}</dd>
        </div>
        <div>
          <dt>{t('ledger.stored')}</dt>
          <dd>{ledger.stored}</dd>
        </div>
        <div>
          <dt>{t('ledger.indexed')}</dt>
          <dd>{ledger.indexed}</dd>
        </div>
      </dl>
    </section>
  )
}
