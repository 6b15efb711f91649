type Paths = Readonly<Record<string, string>>

const STROKES = {
  warning: 'M12 4 2.800 20h18.400zM12 10v4.500M12 17.300h.010',
  globe:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3.200 12h17.600M12 3c2.600 2.600 3.900 5.600 3.900 9s-1.300 6.400-3.900 9c-2.600-2.600-3.900-5.600-3.900-9S9.400 5.600 12 3',
  arrow: 'M5 12h14M13 6l6 6-6 6',
  signal: 'M5 19v-4M10 19v-8M15 19V8M20 19V4',
} as const

const SOLIDS = {
  play: 'M7 4.300v15.400a.8.8 0 0 0 1.220.680l12.500-7.700a.8.8 0 0 0 0-1.360L8.220 3.620A.8.8 0 0 0 7 4.300z',
} as const

export type BaseIconName = keyof typeof STROKES | keyof typeof SOLIDS

let strokes: Paths = STROKES
let solids: Paths = SOLIDS

/** Adds signs to those of every page. */
export function addIcons(moreStrokes: Paths, moreSolids: Paths): void {
  strokes = { ...strokes, ...moreStrokes }
  solids = { ...solids, ...moreSolids }
}

/** How a sign is drawn: its path, filled or not. */
export function iconPath(name: string): { path: string; solid: boolean } {
  const solid = solids[name]
  return solid === undefined ? { path: strokes[name] ?? '', solid: false } : { path: solid, solid: true }
}
