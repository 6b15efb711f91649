import { pictureChange } from './gray-pictures.ts'

/** Silence, and what is quieter than any meter tells, in LUFS. */
const LUFS_MIN = -70
/** A momentary value tells of the 400 ms before its end, and stands at the beginning of its last 100 ms. */
const MIDDLE_S = -0.1

const READING = /pts_time:(?<time>-?[\d.]+)\s+lavfi\.r128\.M=(?<lufs>\S+)/gu

/** The loudest moment of each `1 / hz` seconds, `count` of them, from what the filters wrote; silence where nothing is said. */
export function momentaryLoudness(text: string, hz: number, count: number): number[] {
  const values = Array.from({ length: count }, () => LUFS_MIN)
  for (const { groups } of text.matchAll(READING)) {
    const slot = Math.max(0, Math.floor((Number(groups?.['time']) + MIDDLE_S) * hz + 1e-6))
    const lufs = Number(groups?.['lufs'])
    if (slot < count && lufs > (values[slot] ?? 0)) values[slot] = Math.round(lufs * 10) / 10
  }
  return values
}

/** The share of the picture that changed since the one before, `count` of them; 0 for the first and where there is none. */
export function motionOf(pictures: readonly Uint8Array[], count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const [before, picture] = [pictures[index - 1], pictures[index]]
    if (before === undefined || picture === undefined) return 0
    return Math.round(pictureChange(before, picture).share * 1000) / 1000
  })
}
