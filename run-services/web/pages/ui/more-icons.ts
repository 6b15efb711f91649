import { addIcons } from './icon-paths.ts'

const STROKES = {
  pause: 'M9 5v14M15 5v14',
  volume: 'M4 10v4h3.5L12 18V6L7.5 10zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  muted: 'M4 10v4h3.5L12 18V6L7.5 10zM16 10l5 5M21 10l-5 5',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  shrink: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  pip: 'M3 5h18v14H3zM12 12h7v5h-7z',
  quality: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8h.01',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5',
  rotate: 'M20 11a8 8 0 0 0-14.5-4L3 9.500M3 4.500v5h5M4 13a8 8 0 0 0 14.500 4l2.500-2.500M21 19.500v-5h-5',
  share: 'M12 15V4M8 7.500 12 3.500l4 4M5 12v7.500h14V12',
  flag: 'M6 21V4.500M6 5c4-2.500 7 2 12 0v8.500c-5 2-8-2.500-12 0',
  back: 'M19 12H5M11 6l-6 6 6 6',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'm6 6 12 12M18 6 6 18',
  scissors:
    'M6 3.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M6 15.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M8 7.500 20 19M8 16.500 20 5',
  down: 'm7 10 5 5 5-5',
  crop: 'M7 3v14h14M3 7h14v14',
  film: 'M4 5h16v14H4zM8 5v14M16 5v14M4 12h16M4 8.500h4M4 15.500h4M16 8.500h4M16 15.500h4',
  trash: 'M4 7h16M9 7V4.500h6V7M6.500 7l1 13h9l1-13M10 11v5.500M14 11v5.500',
  download: 'M12 4v11M8 11.500l4 4 4-4M5 20h14',
  gavel: 'M4 20h9M9 11l7.500 7.500M7 13l6-6M5 11l4 4M11 5l4 4',
  settings: 'M4 7h9M19 7h1M16 4.500v5M4 17h2M12 17h8M9 14.500v5',
} as const

const SOLIDS = {
  stop: 'M7 6h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1z',
} as const

export type MoreIconName = keyof typeof STROKES | keyof typeof SOLIDS

/** Draws the signs of the player and the studio possible; the front page does without their bytes. */
export function addMoreIcons(): void {
  addIcons(STROKES, SOLIDS)
}
