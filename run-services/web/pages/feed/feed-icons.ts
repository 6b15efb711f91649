import { addIcons } from '../ui/icon-paths.ts'

const STROKES = {
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M15.200 15.200 20.500 20.500',
  show: 'M3 6h18v12H3zM10 9.200v5.600l4.800-2.800z',
  up: 'M12 19V5M6 11l6-6 6 6',
  downward: 'M12 5v14M6 13l6 6 6-6',
  muted: 'M4 10v4h3.500L12 18V6L7.500 10zM16 10l5 5M21 10l-5 5',
  volume: 'M4 10v4h3.500L12 18V6L7.500 10zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
  share: 'M12 15V4M8 7.500 12 3.500l4 4M5 12v7.500h14V12',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8h.010',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  close: 'm6 6 12 12M18 6 6 18',
} as const

const SOLIDS = {
  record: 'M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z',
} as const

export type FeedIconName = keyof typeof STROKES | keyof typeof SOLIDS

/** Draws the signs of the feed, which does without the bytes of those of the player and the studio. */
export function addFeedIcons(): void {
  addIcons(STROKES, SOLIDS)
}
