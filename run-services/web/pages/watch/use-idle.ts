import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

const IDLE_MS = 2_800

/** Whether the viewer only watches: playing, no pointer movement, no keyboard focus on the controls. */
export function useIdle(frame: RefObject<HTMLElement | null>, playing: boolean): boolean {
  const [quiet, setQuiet] = useState(false)
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = (): void => {
      // Someone who steers by keyboard must see where they are.
      if (element.querySelector('.control-bar :focus-visible, .quality-list, .clip-that-list') !== null) wake()
      else setQuiet(true)
    }
    const wake = (): void => {
      setQuiet(false)
      clearTimeout(timer)
      timer = setTimeout(later, IDLE_MS)
    }
    const leave = (event: PointerEvent): void => {
      if (event.pointerType !== 'mouse') return
      clearTimeout(timer)
      timer = setTimeout(later, IDLE_MS / 4)
    }
    wake()
    element.addEventListener('pointermove', wake)
    element.addEventListener('pointerdown', wake)
    element.addEventListener('pointerleave', leave)
    document.addEventListener('keydown', wake)
    return () => {
      clearTimeout(timer)
      element.removeEventListener('pointermove', wake)
      element.removeEventListener('pointerdown', wake)
      element.removeEventListener('pointerleave', leave)
      document.removeEventListener('keydown', wake)
    }
  }, [])
  return quiet && playing
}
