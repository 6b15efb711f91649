import { useEffect, useState } from 'preact/hooks'

export type Route =
  | { screen: 'front' }
  | { screen: 'watch'; id: string; embedded: boolean }
  | { screen: 'studio' }
  | { screen: 'stream'; id: string }
  | { screen: 'lost' }

/** What an id may look like; anything else is no address of ours. */
const ID = /^\w{1,80}$/
const MOVED = 'showreel:moved'

/** Which screen a path shows. */
export function routeOf(pathname: string): Route {
  const [first = '', second = '', third = '', ...rest] = pathname.split('/').filter(part => part !== '')
  if (rest.length > 0) return { screen: 'lost' }
  if (first === '') return { screen: 'front' }
  if ((first === 'w' || first === 'embed') && ID.test(second) && third === '') {
    return { screen: 'watch', id: second, embedded: first === 'embed' }
  }
  if (first === 'studio' && second === '') return { screen: 'studio' }
  if (first === 'studio' && second === 'streams' && ID.test(third)) return { screen: 'stream', id: third }
  return { screen: 'lost' }
}

/** Goes to another screen without loading the page again. */
function goTo(path: string): void {
  history.pushState(null, '', path)
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
