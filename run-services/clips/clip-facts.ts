import type { ClipRow } from './clip-queries.ts'

/** What every event of a clip says. */
export function clipFacts(clip: Pick<ClipRow, 'clip_id' | 'creator_id' | 'stream_id'>) {
  return { clip_id: clip.clip_id, creator_id: clip.creator_id, stream_id: clip.stream_id }
}
