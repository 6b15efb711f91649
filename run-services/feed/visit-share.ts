import { rfc3339 } from '#shared/domain/clock.ts'
import { firstTime } from '#shared/service/inbox.ts'
import { type Principal, principalKey } from '#shared/service/principal.ts'
import type { ShareAnswer } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { readShare } from './read-share.ts'
import { countVisit } from './share-queries.ts'

const CONSUMER = 'feed--visits'
const DAY_CHARACTERS = 10

/** Counts that somebody followed the link: once per person and day, by the calendar of UTC. */
export async function visitShare(deps: FeedDeps, principal: Principal, shareId: string): Promise<ShareAnswer> {
  const day = rfc3339(deps.now()).slice(0, DAY_CHARACTERS)
  return await deps.database.transaction(async tx => {
    const { id } = await readShare(tx, deps.settings, shareId)
    if (await firstTime(tx, `${id} ${principalKey(principal)} ${day}`, CONSUMER)) await tx.write(countVisit(id))
    return readShare(tx, deps.settings, id)
  })
}
