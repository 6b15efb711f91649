import { isId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { Principal } from '#shared/service/principal.ts'
import { getClip, type NamedClipRow } from './clip-queries.ts'

/** States in which a link of a clip plays for everybody who has it, when nobody is to be asked first. */
const UNLISTED = new Set(['playable', 'rendering', 'ready'])

/** Whether the caller may change the clip: who made it, whose show it is, and who moderates. */
export function ownsClip(principal: Principal, clip: Pick<NamedClipRow, 'creator_id' | 'requested_by'>): boolean {
  if (principal.kind !== 'user') return false
  const { id, roles } = principal
  return id === clip.creator_id || id === clip.requested_by || roles.includes('admin') || roles.includes('moderator')
}

/** Whether anyone may see the clip who knows its id. */
function isPublicClip({ state, publish_when_ready, needs_review }: NamedClipRow): boolean {
  return state === 'published' || (publish_when_ready && !needs_review && UNLISTED.has(state))
}

/** The clip, when the caller may see it; any other answers like an unknown one. */
export async function visibleClip(reader: Reader, principal: Principal, clipId: string): Promise<NamedClipRow> {
  const clip = await knownClip(reader, clipId)
  if (!isPublicClip(clip) && !ownsClip(principal, clip)) throw missing()
  return clip
}

/** The clip, when the caller may change it; any other answers like an unknown one. */
export async function ownClip(reader: Reader, principal: Principal, clipId: string): Promise<NamedClipRow> {
  const clip = await knownClip(reader, clipId)
  if (!ownsClip(principal, clip)) throw missing()
  return clip
}

async function knownClip(reader: Reader, clipId: string): Promise<NamedClipRow> {
  const [clip] = isId('clip', clipId) ? await reader.read(getClip(clipId)) : []
  if (clip === undefined || clip.state === 'deleted') throw missing()
  return clip
}

function missing(): Refusal {
  return new Refusal('resource.missing', { detail: 'There is no such clip.' })
}
