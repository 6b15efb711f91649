import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { speakParts, t, useLanguage } from './i18n/translate.ts'
import { PageHeader } from './ui/page-header.tsx'
import { useRoute } from './ui/route.ts'
import type { Route } from './ui/route.ts'

/** Every screen is loaded when it is first shown, so that a viewer never pays for the studio. */
async function loadScreen(route: Route): Promise<ComponentType> {
  switch (route.screen) {
    case 'feed': {
      const [{ FeedPage }] = await Promise.all([import('./feed/feed-page.tsx'), speakParts('feed')])
      return FeedPage
    }
    case 'front':
      return (await import('./front/front-page.tsx')).FrontPage
    case 'search': {
      const [{ SearchPage }] = await Promise.all([import('./search/search-page.tsx'), speakParts('feed')])
      return SearchPage
    }
    case 'clip': {
      const [{ ClipPage }] = await Promise.all([import('./share/clip-page.tsx'), speakParts('feed')])
      return () => <ClipPage key={route.id} id={route.id} embedded={route.embedded} />
    }
    case 'share': {
      const [{ SharePage }] = await Promise.all([import('./share/share-page.tsx'), speakParts('feed')])
      return () => <SharePage key={route.id} id={route.id} />
    }
    case 'watch': {
      const [{ WatchPage }] = await Promise.all([import('./watch/watch-page.tsx'), speakParts('player')])
      return () => <WatchPage key={route.id} id={route.id} embedded={route.embedded} />
    }
    case 'studio':
    case 'stream':
    case 'clips':
    case 'editor':
    case 'review':
    case 'jobs': {
      const [{ studioScreen }] = await Promise.all([
        import('./studio/studio-screen.tsx'),
        speakParts('player', 'studio'),
      ])
      return await studioScreen(route)
    }
    case 'lost':
    default:
      return LostPage
  }
}

function LostPage(): JSX.Element {
  return (
    <>
      <PageHeader />
      <main class="lost">
        <h1>{t('lost.title')}</h1>
        <p class="muted">{t('lost.next')}</p>
        <a class="button button-primary" href="/">
          {t('lost.home')}
        </a>
      </main>
    </>
  )
}

/** The whole page: the screen that the address asks for, in the language the viewer reads. */
export function PageRoot(): JSX.Element | null {
  useLanguage()
  const route = useRoute()
  const [shown, setShown] = useState<{ screen: ComponentType }>()
  useEffect(() => {
    let current = true
    void loadScreen(route).then(screen => {
      if (!current) return undefined
      const show = (): void => setShown({ screen })
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches
      if (shown === undefined || still || !('startViewTransition' in document)) show()
      else document.startViewTransition(show)
      return undefined
    })
    return () => {
      current = false
    }
  }, [route])
  if (shown === undefined) return null
  const Screen = shown.screen
  return <Screen />
}
