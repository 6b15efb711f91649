import type { Reader } from '#shared/ports/database/database.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import { clipRules, type RulesAnswer } from './rules-answer.ts'
import { getRulesRow } from './rules-queries.ts'

/** The rules of a creator with their version; version 0 are the ones everyone begins with. */
export async function rulesOf(reader: Reader, creatorId: string): Promise<RulesAnswer> {
  const [row] = await reader.read(getRulesRow(creatorId))
  if (row === undefined) return { version: 0, rules: DEFAULT_RULES }
  // Rules kept before a later release added to them keep what they say and take the rest from the first ones.
  const kept = clipRules.safeParse({ ...DEFAULT_RULES, ...(row.rules as object) })
  return { version: row.version, rules: kept.success ? kept.data : DEFAULT_RULES }
}
