import type { ClipPlace, ShowPlace } from './feed-queries.ts'
import type { TermPlace } from './search-queries.ts'

const LATEST = '9999-12-31T23:59:59.999Z'

/** Before every published clip, show on the air and match of a term, as keysets see it. */
export const FIRST_CLIP: ClipPlace = { feed_rank: Number.MAX_SAFE_INTEGER, clip_id: '' }
export const FIRST_SHOW: ShowPlace = { started_at: LATEST, stream_id: '' }
export const FIRST_TERM: TermPlace = { rank: Number.MAX_SAFE_INTEGER, clip_id: '' }
export const FIRST_MADE = { created_at: LATEST, clip_id: '' }
