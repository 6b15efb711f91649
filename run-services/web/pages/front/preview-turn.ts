import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

/** A picture has to be this visible before it may move. */
const VISIBLE_MIN = 0.55
const STEPS = [0, 0.25, 0.55, 0.8, 1]

type Candidate = { visible: number; wished: boolean; tell: (turn: boolean) => void }

const candidates = new Map<Element, Candidate>()

/** One decoder for the whole page: the pointed-at picture plays, else the one most in view, the upper of equals. */
function giveTurn(): void {
  let best: { element: Element; score: number } | undefined
  for (const [element, { visible, wished }] of candidates) {
    if (visible < VISIBLE_MIN) continue
    const score = (wished ? 2 : 0) + visible
    const above = best !== undefined && element.getBoundingClientRect().top < best.element.getBoundingClientRect().top
    if (best === undefined || score > best.score || (score === best.score && above)) best = { element, score }
  }
  for (const [element, candidate] of candidates) candidate.tell(element === best?.element)
}

/** Whether it is this element's turn to play. `wished` says that the viewer points at it. */
export function usePreviewTurn(element: RefObject<Element | null>, wished: boolean): boolean {
  const [turn, setTurn] = useState(false)
  useEffect(() => {
    const watched = element.current
    if (watched === null) return undefined
    candidates.set(watched, { visible: 0, wished: false, tell: setTurn })
    const observer = new IntersectionObserver(
      entries => {
        const candidate = candidates.get(watched)
        if (candidate !== undefined) candidate.visible = entries[entries.length - 1]?.intersectionRatio ?? 0
        giveTurn()
      },
      { threshold: STEPS },
    )
    observer.observe(watched)
    return () => {
      observer.disconnect()
      candidates.delete(watched)
      giveTurn()
    }
  }, [])
  useEffect(() => {
    const candidate = element.current === null ? undefined : candidates.get(element.current)
    if (candidate === undefined) return
    candidate.wished = wished
    giveTurn()
  }, [wished])
  return turn
}
