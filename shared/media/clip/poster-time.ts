import { LOOK_HZ } from './crop-path.ts'
import { pictureChange, pictureContrast } from './gray-pictures.ts'

/** Share of the picture from which on a change makes a poster blurred or lost between two shots. */
const RESTLESS_SHARE = 0.5

/** When (s) the clip looks best as one picture: rich in contrast and not in the middle of a cut; 0 without pictures. */
export function posterTime(pictures: readonly Uint8Array[]): number {
  let [best, bestWorth] = [0, -1]
  for (const [index, picture] of pictures.entries()) {
    const before = pictures[index - 1]
    const change = before === undefined ? 0 : pictureChange(before, picture).share
    const worth = pictureContrast(picture) * (1 - Math.min(1, change / RESTLESS_SHARE))
    if (worth > bestWorth) [best, bestWorth] = [index, worth]
  }
  return best / LOOK_HZ
}
