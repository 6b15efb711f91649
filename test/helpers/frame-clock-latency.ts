import type { ShownFrame } from './frame-clock-page.ts'

/** Milliseconds from a frame's leaving the publisher to its being shown, for every frame whose departure is known. */
export function glassToGlassMs(
  shown: readonly ShownFrame[],
  publication: { sentAtMs(frame: number): number | undefined },
): number[] {
  return shown.flatMap(({ frame, atMs }) => {
    const sentAtMs = publication.sentAtMs(frame)
    return sentAtMs === undefined ? [] : [atMs - sentAtMs]
  })
}
