import { createHmac } from 'node:crypto'
import type { z } from '@hono/zod-openapi'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import { type Principal, principalKey } from '#shared/service/principal.ts'
import type { shareBody, ShareAnswer } from './feed-answer.ts'
import { type FeedDeps, SOURCE } from './feed-deps.ts'
import { readShare, publicTarget } from './read-share.ts'
import { beginShares, insertShare, raiseShares } from './share-queries.ts'

/** Rows that one target's shares are counted in. */
const COUNT_SHARDS = 4

/**
 * A link to a public clip, or to a place in a show. The same person gets the same link for the same place, so that
 * pressing twice counts once.
 */
export async function shareItem(
  tx: Transaction,
  deps: FeedDeps,
  principal: Principal,
  { clip_id, stream_id, at_ms }: z.output<typeof shareBody>,
): Promise<ShareAnswer> {
  if (principal.kind !== 'user') throw new Refusal('auth.missing', { detail: 'Only a person can share.' })
  const target = await publicTarget(tx, clip_id === undefined ? 'stream' : 'clip', clip_id ?? stream_id ?? '')
  const name = `share ${principalKey(principal)} ${target.id} ${at_ms ?? ''}`
  const digest = createHmac('sha256', deps.keys.sealing).update(name).digest()
  const id = derivedId('share', digest)
  const share = {
    share_id: id,
    target_kind: target.kind,
    target_id: target.id,
    at_ms: at_ms ?? null,
    shared_by: principal.id,
    created_at: rfc3339(deps.now()),
  }
  const { rows } = await tx.write(insertShare(share))
  if (rows.length > 0) {
    await countShare(tx, target.id, (digest.at(-1) ?? 0) % COUNT_SHARDS)
    if (target.kind === 'clip') {
      const data = {
        clip_id: target.id,
        creator_id: target.creatorId,
        stream_id: target.streamId,
        share_id: id,
        at_ms: at_ms ?? 0,
      }
      await appendEvent(tx, { source: SOURCE, type: 'clip.shared', subject: target.id, data }, deps)
    }
  }
  return readShare(tx, deps.settings, id)
}

/** Update first, insert where there is nothing yet: one statement would need an upsert that not every engine has. */
async function countShare(tx: Transaction, targetId: string, shard: number): Promise<void> {
  if ((await tx.write(raiseShares(targetId, shard))).rows.length > 0) return
  if ((await tx.write(beginShares(targetId, shard))).rows.length > 0) return
  await tx.write(raiseShares(targetId, shard))
}
