/** Size of the small gray pictures that motion is read from, in pixels; enough to tell where something moves. */
export const GRAY_WIDTH = 64
export const GRAY_HEIGHT = 36

const PIXELS = GRAY_WIDTH * GRAY_HEIGHT
/** Steps of gray below which a difference is the encoder's noise. */
const NOISE_STEPS = 14

/** What changed from one small picture to the next. */
export type PictureChange = {
  /** Share of the picture that changed, 0 to 1. */
  share: number
  /** Middle of the change, 0 (left) to 1 (right); undefined when nothing changed. */
  center: number | undefined
}

/** The whole pictures in raw 8-bit gray, in order; bytes after the last whole one are left out. */
export function grayPictures(bytes: Uint8Array): Uint8Array[] {
  const count = Math.floor(bytes.length / PIXELS)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * PIXELS, (index + 1) * PIXELS))
}

/** Compares two small pictures, pixel by pixel. */
export function pictureChange(before: Uint8Array, after: Uint8Array): PictureChange {
  let [changed, weights, weighted] = [0, 0, 0]
  for (let index = 0; index < PIXELS; index += 1) {
    const steps = Math.abs((after[index] ?? 0) - (before[index] ?? 0))
    if (steps < NOISE_STEPS) continue
    changed += 1
    weights += steps
    weighted += steps * ((index % GRAY_WIDTH) + 0.5)
  }
  return { share: changed / PIXELS, center: weights === 0 ? undefined : weighted / weights / GRAY_WIDTH }
}

/** Spread of the grays of one picture (standard deviation): near 0 for a blank one. */
export function pictureContrast(picture: Uint8Array): number {
  let [sum, squares] = [0, 0]
  for (const gray of picture) {
    sum += gray
    squares += gray * gray
  }
  const mean = sum / picture.length
  return Math.sqrt(Math.max(0, squares / picture.length - mean * mean))
}
