import type { Context } from 'hono'
import type { z } from '@hono/zod-openapi'
import { Refusal } from '#shared/domain/refusal.ts'
import { requireMatch } from '#shared/service/etag.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import type { patchMeBody } from './creator-answer.ts'
import { creatorOf } from './creator-of.ts'
import { getCreator, getCreatorByHandle, updateCreator, type CreatorRow } from './creator-queries.ts'

/** Changes the caller's own handle and name; a handle that somebody else has is `conflict.duplicate`. */
export async function patchMe(
  deps: Pick<ChannelsDeps, 'database'>,
  c: Context,
  principal: Principal,
  body: z.output<typeof patchMeBody>,
): Promise<CreatorRow> {
  const { creator_id: id } = await creatorOf(deps, principal)
  return deps.database.transaction(async tx => {
    const [creator] = await tx.read(getCreator(id))
    if (creator === undefined) throw new Refusal('resource.missing', { detail: 'There is no such creator.' })
    requireMatch(c, creator.version)
    const handle = body.handle ?? creator.handle
    const [holder] = await tx.read(getCreatorByHandle(handle))
    if (holder !== undefined && holder.creator_id !== id) {
      throw new Refusal('conflict.duplicate', { detail: `The handle ${handle} is taken.`, param: '/handle' })
    }
    const values = { handle, display_name: body.display_name ?? creator.display_name }
    const { rows } = await tx.write(updateCreator(id, creator.version, values))
    const [changed] = rows
    if (changed === undefined)
      throw new Refusal('version.mismatch', { detail: 'The creator was changed meanwhile; try again.' })
    return changed
  })
}
