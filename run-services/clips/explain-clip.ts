import type { Reader } from '#shared/ports/database/database.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { ClipExplanation } from './clip-answer.ts'
import { visibleClip } from './own-clip.ts'
import { getPick } from './pick-queries.ts'

/** Why a clip exists and where it stands in the feed, for whoever may see it. */
export async function explainClip(reader: Reader, principal: Principal, clipId: string): Promise<ClipExplanation> {
  const clip = await visibleClip(reader, principal, clipId)
  const { score, reasons, dedupe_key: key, published_at, feed_rank } = clip
  const [pick] = key === null ? [] : await reader.read(getPick(clip.stream_id, key))
  return {
    clip_id: clip.clip_id,
    score,
    reasons: reasons ?? [],
    rules_version: pick?.rules_version ?? null,
    feed:
      published_at === null || feed_rank === null
        ? null
        : { rank: feed_rank, published_at, bonus_ms: feed_rank - Date.parse(published_at) },
  }
}
