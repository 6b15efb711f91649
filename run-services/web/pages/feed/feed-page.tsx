import './feed.css'
import type { ComponentType, JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { FeedHeader } from './feed-header.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { FeedHints } from './feed-hints.tsx'
import { FeedItemView } from './feed-item-view.tsx'
import { addFeedIcons } from './feed-icons.ts'
import { useFeed } from './use-feed.ts'
import { useFeedKeys } from './use-feed-keys.ts'
import { useFeedVideo } from './use-feed-video.ts'

/** Items around the one on screen that are drawn; the others only hold their place. */
const DRAWN_AROUND = 2
/** So many items before the end, the next page is asked for. */
const ASK_BEFORE_END = 4
/** An item counts as on screen from here on. */
const VISIBLE_MIN = 0.6

addFeedIcons()

/** The feed: one item a screen, swiped, scrolled or stepped through; what is on air and what was clipped of it. */
export function FeedPage(): JSX.Element {
  const [active, setActive] = useState(0)
  const feed = useFeed(active)
  const scroller = useRef<HTMLDivElement>(null)
  const item = feed.items[active]
  const video = useFeedVideo(item, feed.items[active + 1])
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const goTo = useCallback((index: number) => {
    scroller.current?.children[index]?.scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'start' })
  }, [])
  useFeedKeys({
    next: () => goTo(active + 1),
    previous: () => goTo(Math.max(0, active - 1)),
    toggle: video.toggle,
    sound: () => video.setMuted(!video.state.muted),
  })
  useEffect(() => {
    document.title = 'Showreel'
    document.documentElement.classList.add('feed-open')
    return () => document.documentElement.classList.remove('feed-open')
  }, [])
  useEffect(() => {
    if (active >= feed.items.length - ASK_BEFORE_END) feed.more()
  }, [active, feed.items.length])
  useActiveItem(scroller, feed.items.length, setActive)

  if (feed.loaded && feed.items.length === 0) return <EmptyFeed />
  return (
    <>
      <FeedHeader />
      <main class="feed">
        <h1 class="visually-hidden">{t('feed.title')}</h1>
        {feed.problem !== undefined && feed.items.length === 0 && (
          <div class="feed-notice">
            <ProblemNotice problem={feed.problem} />
          </div>
        )}
        <div ref={scroller} class="feed-scroller" role="feed" aria-label={t('feed.title')} aria-busy={!feed.loaded}>
          {!feed.loaded && feed.problem === undefined && (
            <div class="feed-item">
              <div class="feed-stage feed-loading" />
            </div>
          )}
          {feed.items.map((each, index) => (
            <FeedItemView
              key={each.id}
              item={each}
              index={index}
              drawn={Math.abs(index - active) <= DRAWN_AROUND}
              video={index === active ? video : undefined}
            />
          ))}
        </div>
        <FeedHints
          atStart={active === 0}
          atEnd={active >= feed.items.length - 1}
          onPrevious={() => goTo(active - 1)}
          onNext={() => goTo(active + 1)}
        />
      </main>
    </>
  )
}

/** Follows which item fills the screen, also when new ones come in above or below it. */
function useActiveItem(
  scroller: { readonly current: HTMLDivElement | null },
  count: number,
  setActive: (index: number) => void,
): void {
  useEffect(() => {
    const root = scroller.current
    if (root === null) return undefined
    const observer = new IntersectionObserver(
      entries => {
        for (const { target, intersectionRatio } of entries) {
          if (intersectionRatio >= VISIBLE_MIN) setActive([...root.children].indexOf(target))
        }
      },
      { root, threshold: VISIBLE_MIN },
    )
    for (const child of root.children) observer.observe(child)
    return () => observer.disconnect()
  }, [count])
}

/** Nobody is live and nothing was clipped yet: how to be the first. */
function EmptyFeed(): JSX.Element {
  const [shown, setShown] = useState<{ view: ComponentType }>()
  useEffect(() => {
    void Promise.all([import('../front/empty-front.tsx'), import('../front/front.css')]).then(([{ EmptyFront }]) =>
      setShown({ view: EmptyFront }),
    )
  }, [])
  const View = shown?.view
  return (
    <>
      <FeedHeader />
      <main class="front">{View !== undefined && <View />}</main>
    </>
  )
}
