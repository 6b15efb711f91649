import { useEffect, useRef } from 'preact/hooks'

export type FeedKeyActions = { next: () => void; previous: () => void; toggle: () => void; sound: () => void }

const ACTIONS: Readonly<Record<string, keyof FeedKeyActions>> = {
  ArrowDown: 'next',
  PageDown: 'next',
  j: 'next',
  ArrowUp: 'previous',
  PageUp: 'previous',
  k: 'previous',
  ' ': 'toggle',
  m: 'sound',
}

/** The feed by keyboard, except while a control that has its own use for a key is focused. */
export function useFeedKeys(actions: FeedKeyActions): void {
  const latest = useRef(actions)
  latest.current = actions
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target instanceof Element ? event.target : undefined
      if (target?.closest('input, select, textarea') != null) return
      if (event.key === ' ' && target?.closest('a, button, summary') != null) return
      const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (action === undefined) return
      event.preventDefault()
      latest.current[action]()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
