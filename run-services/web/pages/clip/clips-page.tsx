import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Clip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { t } from '../i18n/translate.ts'
import { StudioFrame } from '../studio/studio-frame.tsx'
import type { StudioSeat } from '../studio/studio-frame.tsx'
import { ChoiceChips } from '../ui/choice-chips.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ClipTile } from './clip-tile.tsx'

const EVERY_MS = 4_000
/** Who one is does not change. */
const ME_EVERY_MS = 600_000
/** Clips shown at first, and at most. */
const PAGE = 24
const PAGE_MAX = 96
const STATES = ['published', 'ready', 'in_review', 'rendering', 'unpublished', 'rejected', 'failed'] as const
type Scope = 'shows' | 'made'
type Filter = 'any' | (typeof STATES)[number]

/** Every clip of the creator's shows, or made by them, in any state. */
export function ClipsPage(): JSX.Element {
  return <StudioFrame title={t('clips.title')}>{seat => <Clips {...seat} />}</StudioFrame>
}

function Clips({ session, onProblem }: StudioSeat): JSX.Element {
  const { token } = session
  const [scope, setScope] = useState<Scope>('shows')
  const [filter, setFilter] = useState<Filter>('any')
  const [limit, setLimit] = useState(PAGE)
  const me = usePolled(`me ${token}`, ME_EVERY_MS, signal => call('GET /v1/me', { token, signal }))
  const creator = me.value?.id
  const query = {
    limit,
    ...(filter === 'any' ? {} : { state: filter }),
    ...(scope === 'made' || creator === undefined ? {} : { creator }),
  }
  const clips = usePolled(
    `clips ${scope} ${creator} ${filter} ${limit}`,
    EVERY_MS,
    creator === undefined ? undefined : signal => call('GET /v1/clips', { query, token, signal }),
  )
  const problem = me.error ?? clips.error
  useEffect(() => onProblem(problem), [problem])
  return (
    <>
      <header class="desk-head">
        <h1 class="desk-name">{t('clips.title')}</h1>
        <ChoiceChips
          name="clip-scope"
          label={t('clips.scope')}
          value={scope}
          onChoose={setScope}
          choices={[
            { value: 'shows', text: t('clips.ofShows') },
            { value: 'made', text: t('clips.made') },
          ]}
        />
      </header>
      <ChoiceChips
        name="clip-state"
        label={t('clips.show')}
        value={filter}
        onChoose={setFilter}
        choices={[
          { value: 'any', text: t('clips.any') },
          ...STATES.map(value => ({ value, text: t(`clip.state.${value}`) })),
        ]}
      />
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {clips.value !== undefined && <ClipGrid clips={clips.value.data} filtered={filter !== 'any'} />}
      {clips.value?.has_more === true && limit < PAGE_MAX && (
        <button type="button" class="button more-button" onClick={() => setLimit(limit + PAGE)}>
          {t('clips.more')}
        </button>
      )}
    </>
  )
}

function ClipGrid({ clips, filtered }: { clips: readonly Clip[]; filtered: boolean }): JSX.Element {
  if (clips.length === 0) {
    return (
      <section class="empty">
        <h2>{t(filtered ? 'clips.noneSuch' : 'clips.none')}</h2>
        {!filtered && <p class="muted">{t('clips.noneText')}</p>}
      </section>
    )
  }
  return (
    <ul class="clip-grid">
      {clips.map(clip => (
        <li key={clip.id}>
          <ClipTile clip={clip} />
        </li>
      ))}
    </ul>
  )
}
