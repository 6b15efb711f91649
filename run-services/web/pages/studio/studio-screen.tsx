import '../styles/forms.css'
import '../clip/clip.css'
import './studio.css'
import type { ComponentType } from 'preact'
import { addClipProblems } from '../clip/clip-problems.ts'
import type { Route } from '../ui/route.ts'
import { addMoreIcons } from '../ui/more-icons.ts'

addMoreIcons()
addClipProblems()

type StudioRoute = Extract<Route, { screen: 'studio' | 'stream' | 'clips' | 'editor' | 'review' | 'jobs' }>

/** The screen of the studio that an address asks for, each loaded when it is first shown. */
export async function studioScreen(route: StudioRoute): Promise<ComponentType> {
  switch (route.screen) {
    case 'stream': {
      const { StreamPage } = await import('./stream-page.tsx')
      return () => <StreamPage key={route.id} id={route.id} />
    }
    case 'clips':
      return (await import('../clip/clips-page.tsx')).ClipsPage
    case 'editor': {
      const { EditorPage } = await import('../clip/editor-page.tsx')
      return () => <EditorPage key={route.id} id={route.id} />
    }
    case 'review':
      return (await import('../review/review-page.tsx')).ReviewPage
    case 'jobs':
      return (await import('../jobs/jobs-page.tsx')).JobsPage
    case 'studio':
    default:
      return (await import('./studio-page.tsx')).StudioPage
  }
}
