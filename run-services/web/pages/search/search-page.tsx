import './search.css'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { FeedHeader } from '../feed/feed-header.tsx'
import { Icon } from '../ui/icon.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ItemGrid } from './item-grid.tsx'
import { type SearchKind, useSearch } from './use-search.ts'

/** Longest query the API takes, in characters. */
const QUERY_CHARACTERS_MAX = 200

function wordsInAddress(): string {
  return new URLSearchParams(location.search).get('q')?.slice(0, QUERY_CHARACTERS_MAX) ?? ''
}

/** Search as it is typed: shows on the air and clips by words in any script; the newest clips before anything is typed. */
export function SearchPage(): JSX.Element {
  const [words, setWords] = useState(wordsInAddress)
  const [kind, setKind] = useState<SearchKind>('all')
  const { items, asked, busy, problem, hasMore, more } = useSearch(words, kind)
  useEffect(() => {
    document.title = words.trim() === '' ? `${t('search.title')} · Showreel` : `${words} · Showreel`
    const query = words.trim() === '' ? '' : `?q=${encodeURIComponent(words)}`
    history.replaceState(history.state, '', `/search${query}`)
  }, [words])
  return (
    <>
      <FeedHeader searching />
      <main class="search">
        <h1 class="visually-hidden">{t('search.title')}</h1>
        <search>
          <form class="search-form" onSubmit={event => event.preventDefault()}>
            <label class="search-field">
              <Icon name="search" />
              <input
                type="search"
                name="q"
                value={words}
                maxLength={QUERY_CHARACTERS_MAX}
                placeholder={t('search.placeholder')}
                aria-label={t('search.title')}
                autocomplete="off"
                onInput={event => setWords(event.currentTarget.value)}
              />
            </label>
            <KindPicker kind={kind} onKind={setKind} />
          </form>
        </search>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <section aria-labelledby="results-title" aria-busy={busy} aria-live="polite">
          <h2 id="results-title" class="search-heading">
            {asked === '' ? t('search.newest') : t('search.results')}
          </h2>
          {items !== undefined && items.length === 0 && !hasMore && asked !== '' && (
            <div class="search-none">
              <p class="search-none-words">{t('search.none', { words: asked })}</p>
              <p class="muted">{t('search.noneNext')}</p>
            </div>
          )}
          <ItemGrid items={items ?? []} />
        </section>
        {hasMore && (
          <button type="button" class="button search-more" disabled={busy} onClick={more}>
            {t('search.more')}
          </button>
        )}
      </main>
    </>
  )
}

/** Whether clips, shows on the air or both are looked for. */
function KindPicker({ kind, onKind }: { kind: SearchKind; onKind: (kind: SearchKind) => void }): JSX.Element {
  const kinds: readonly (readonly [SearchKind, string])[] = [
    ['all', t('search.all')],
    ['clip', t('search.clips')],
    ['stream', t('search.shows')],
  ]
  return (
    <fieldset class="search-kinds">
      <legend class="visually-hidden">{t('search.kind')}</legend>
      {kinds.map(([value, label]) => (
        <label key={value} class="search-kind" data-chosen={kind === value}>
          <input
            type="radio"
            name="kind"
            class="visually-hidden"
            checked={kind === value}
            onChange={() => onKind(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}
