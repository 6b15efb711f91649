import type { EpochFacts, TrackFacts } from './show-facts.ts'

/**
 * The track that stands for a rendition in one encoder run: its own, else the best that is not larger, else the smallest.
 * A publisher that returns with another picture size changes the ladder; players keep the playlists they have.
 */
export function trackFor(
  epoch: EpochFacts,
  rendition: { name: string; kind: 'video' | 'audio'; height: number },
): TrackFacts | undefined {
  const same = epoch.tracks.filter(({ kind }) => kind === rendition.kind)
  return (
    same.find(({ name }) => name === rendition.name) ??
    same.find(({ height }) => height <= rendition.height) ??
    same.at(-1)
  )
}
