import type { Reader } from '#shared/ports/database/database.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { type ClipRules, clipRules } from './rules-answer.ts'

export const getRulesRow = namedQuery('clip-rules.get', ['crtr_sample'], (creatorId: string) =>
  tables.selectFrom('clip_rules').selectAll().where('creator_id', '=', creatorId),
)

/** The creator's rules; version 0 for the ones everyone begins with. */
export async function rulesOf(reader: Reader, creatorId: string): Promise<{ version: number; rules: ClipRules }> {
  const [row] = await reader.read(getRulesRow(creatorId))
  return row === undefined
    ? { version: 0, rules: DEFAULT_RULES }
    : { version: row.version, rules: clipRules.parse(row.rules) }
}
