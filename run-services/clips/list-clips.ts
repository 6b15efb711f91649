import { Refusal } from '#shared/domain/refusal.ts'
import { page, type Page, type PageCursors } from '#shared/service/page-cursor.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { ClipAnswer, ClipsQuery } from './clip-answer.ts'
import { type ClipFilter, listClipRows } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { presentClips } from './present-clip.ts'
import { getSourceStream } from './source-queries.ts'

/** Later than any clip. */
const FROM_NEWEST = '9999-12-31T23:59:59.999Z'
/** After any id in descending order. */
const LAST_ID = `clip_${'z'.repeat(27)}`

type Query = ClipsQuery & { limit: number; cursor?: string | undefined }

/**
 * Clips, newest first: of a show or of a creator the published ones, and every one for those whose show it is; without
 * either the caller's own requests. Strangers see published clips alone.
 */
export async function listClips(
  deps: ClipsDeps,
  cursors: PageCursors,
  principal: Principal,
  { limit, cursor, ...query }: Query,
): Promise<Page<ClipAnswer>> {
  const filter = await filterFor(deps, principal, query)
  const scope = `clips ${JSON.stringify(filter)}`
  const [time = FROM_NEWEST, id = LAST_ID] = cursor === undefined ? [] : cursors.open(cursor, scope).map(String)
  const rows = filter === undefined ? [] : await deps.database.read(listClipRows(filter, time, id, limit + 1))
  const shown = page(
    rows,
    limit,
    row => row,
    row => cursors.seal([row.created_at, row.clip_id], scope),
  )
  return { ...shown, data: await presentClips(deps, principal, shown.data) }
}

/** What the caller may see of what is asked for; undefined when that is nothing. */
async function filterFor(deps: ClipsDeps, principal: Principal, query: ClipsQuery): Promise<ClipFilter | undefined> {
  const { stream, creator, state } = query
  const user = principal.kind === 'user' ? principal : undefined
  if (stream === undefined && creator === undefined) {
    if (user !== undefined) return { requestedBy: user.id, state }
    throw new Refusal('request.invalid', { detail: 'Name a stream or a creator.', param: 'stream' })
  }
  const [show] = stream === undefined ? [] : await deps.database.read(getSourceStream(stream))
  const owner = stream === undefined ? creator : show?.creator_id
  const everything =
    user !== undefined && (user.id === owner || user.roles.includes('admin') || user.roles.includes('moderator'))
  if (everything) return { stream, creator, state }
  return state === undefined || state === 'published' ? { stream, creator, state: 'published' } : undefined
}
