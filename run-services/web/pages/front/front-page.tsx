import './front.css'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { call } from '../api/call.ts'
import { usePolled } from '../api/use-polled.ts'
import { t } from '../i18n/translate.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { EmptyFront } from './empty-front.tsx'
import { HeroShow } from './hero-show.tsx'
import { ShowCard } from './show-card.tsx'
import { knownChannels, showsToWatchAgain } from './watch-again.ts'

const LIVE_EVERY_MS = 3_000
const ENDED_EVERY_MS = 15_000
const LIVE_MAX = 24

/** What is on the air, moving; what was on the air, to watch again; and how to be next. */
export function FrontPage(): JSX.Element {
  const live = usePolled('live', LIVE_EVERY_MS, signal =>
    call('GET /v1/streams', { query: { state: 'live', limit: LIVE_MAX }, signal }),
  )
  const channels = knownChannels(live.value?.data ?? [])
  const ended = usePolled(
    `ended ${channels.join(' ')}`,
    ENDED_EVERY_MS,
    live.value === undefined ? undefined : signal => showsToWatchAgain(channels, signal),
  )
  useEffect(() => {
    document.title = 'Showreel'
  }, [])
  const [first, ...more] = live.value?.data ?? []
  const again = ended.value ?? []
  return (
    <>
      <PageHeader />
      <main class="front">
        {(live.value === undefined || first !== undefined) && <h1 class="visually-hidden">{t('front.title')}</h1>}
        {live.value === undefined && live.error === undefined && <div class="hero hero-loading" aria-busy="true" />}
        {live.error !== undefined && (
          <div class="front-notice">
            <ProblemNotice problem={live.error} />
          </div>
        )}
        {first !== undefined && <HeroShow key={first.id} stream={first} />}
        {live.value !== undefined && first === undefined && <EmptyFront />}
        {more.length > 0 && (
          <section class="shelf" aria-labelledby="also-live">
            <h2 id="also-live">{t('front.moreTitle')}</h2>
            <ul class="shelf-grid">
              {more.map(stream => (
                <li key={stream.id}>
                  <ShowCard stream={stream} />
                </li>
              ))}
            </ul>
          </section>
        )}
        {again.length > 0 && (
          <section class="shelf" aria-labelledby="watch-again">
            <h2 id="watch-again">{t('front.againTitle')}</h2>
            <ul class="shelf-grid">
              {again.map(stream => (
                <li key={stream.id}>
                  <ShowCard stream={stream} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </main>
    </>
  )
}
