import { useEffect, useState } from 'preact/hooks'

export type Route =
  | { screen: 'feed' }
  | { screen: 'front' }
  | { screen: 'search' }
  | { screen: 'clip'; id: string; embedded: boolean }
  | { screen: 'share'; id: string }
  | { screen: 'watch'; id: string; embedded: boolean }
  | { screen: 'studio' }
  | { screen: 'stream'; id: string }
  | { screen: 'clips' }
  | { screen: 'editor'; id: string }
  | { screen: 'review' }
  | { screen: 'jobs' }
  | { screen: 'lost' }

/** What an id may look like; anything else is no address of ours. */
const ID = /^\w{1,80}$/
/** Pages of clips and links; an embedded id is a clip's when it says so. */
const CLIP_PLACES = /^(?:c\/|s\/|embed\/clip_)/
const MOVED = 'showreel:moved'

/** Which screen a path shows. */
export function routeOf(pathname: string): Route {
  const [first = '', second = '', third = '', ...rest] = pathname.split('/').filter(part => part !== '')
  if (rest.length > 0) return { screen: 'lost' }
  if (first === '') return { screen: 'feed' }
  if (second === '' && (first === 'live' || first === 'search')) return { screen: first === 'live' ? 'front' : first }
  if (third === '' && ID.test(second) && CLIP_PLACES.test(`${first}/${second}`)) {
    return first === 's' ? { screen: 'share', id: second } : { screen: 'clip', id: second, embedded: first === 'embed' }
  }
  if ((first === 'w' || first === 'embed') && ID.test(second) && third === '') {
    return { screen: 'watch', id: second, embedded: first === 'embed' }
  }
  if (first === 'studio' && second === '') return { screen: 'studio' }
  if (first === 'studio' && second === 'streams' && ID.test(third)) return { screen: 'stream', id: third }
  if (first === 'studio') return deskOf(second, third)
  return { screen: 'lost' }
}

function deskOf(desk: string, id: string): Route {
  if (desk === 'clips' && ID.test(id)) return { screen: 'editor', id }
  if ((desk === 'clips' || desk === 'review' || desk === 'jobs') && id === '') return { screen: desk }
  return { screen: 'lost' }
}

/** Goes to another screen without loading the page again; `instead` leaves no way back to this one. */
export function goTo(path: string, instead = false): void {
  if (instead) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  dispatchEvent(new Event(MOVED))
  scrollTo(0, 0)
}

/** The screen of the address bar; follows links, back and forward. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.pathname))
  useEffect(() => {
    const moved = (): void => setRoute(routeOf(location.pathname))
    const clicked = (event: MouseEvent): void => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (link === null || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download'))
        return
      if (routeOf(link.pathname).screen === 'lost') return
      event.preventDefault()
      goTo(link.pathname + link.search)
    }
    addEventListener('popstate', moved)
    addEventListener(MOVED, moved)
    document.addEventListener('click', clicked)
    return () => {
      removeEventListener('popstate', moved)
      removeEventListener(MOVED, moved)
      document.removeEventListener('click', clicked)
    }
  }, [])
  return route
}
