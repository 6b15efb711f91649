import type { Context } from 'hono'
import { Refusal } from '#shared/domain/refusal.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { requireMatch } from '#shared/service/etag.ts'
import type { UserPrincipal } from '#shared/service/principal.ts'
import type { ClipsDeps } from './clips-deps.ts'
import type { ClipRules, RulesAnswer } from './rules-answer.ts'
import { rulesOf } from './rules-of.ts'
import { insertRules, updateRules } from './rules-queries.ts'

/**
 * Replaces the caller's rules under the next version; the same rules again change nothing. Throws `version.mismatch` when
 * `If-Match` names another version than the present one, or when somebody was faster.
 */
export function putRules(
  { database }: Pick<ClipsDeps, 'database'>,
  c: Context,
  { id: creatorId }: UserPrincipal,
  rules: ClipRules,
): Promise<RulesAnswer> {
  return database.transaction(async tx => {
    const known = await rulesOf(tx, creatorId)
    requireMatch(c, known.version)
    if (known.version > 0 && json(known.rules) === json(rules)) return known
    const text = json(rules)
    const { rows } = await tx.write(
      known.version === 0 ? insertRules(creatorId, text) : updateRules(creatorId, known.version, text),
    )
    const [row] = rows
    if (row === undefined) {
      throw new Refusal('version.mismatch', { detail: 'The rules were changed meanwhile; read them again.' })
    }
    return { version: row.version, rules }
  })
}
