import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

const CREATOR = 'crtr_sample'

export const getRulesRow = namedQuery('clip-rules.get', [CREATOR], (creatorId: string) =>
  tables.selectFrom('clip_rules').select(['rules', 'version']).where('creator_id', '=', creatorId),
)

/** Gives the version only when the creator had no rules yet. */
export const insertRules = namedQuery('clip-rules.insert', [CREATOR, '{}'], (creatorId: string, rules: string) =>
  tables
    .insertInto('clip_rules')
    .values({ creator_id: creatorId, rules, version: 1 })
    .onConflict(conflict => conflict.column('creator_id').doNothing())
    .returning('version'),
)

/** Changes only the version that was read. */
export const updateRules = namedQuery(
  'clip-rules.update',
  [CREATOR, 1, '{}'],
  (creatorId: string, version: number, rules: string) =>
    tables
      .updateTable('clip_rules')
      .set({ rules, version: version + 1 })
      .where('creator_id', '=', creatorId)
      .where('version', '=', version)
      .returning('version'),
)
