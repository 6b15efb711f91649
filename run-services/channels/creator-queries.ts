import type { Selectable } from 'kysely'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type CreatorRow = Selectable<Tables['creators']>

const SAMPLE = 'crtr_sample'

export const getCreator = namedQuery('creator.get', [SAMPLE], (creatorId: string) =>
  tables.selectFrom('creators').selectAll().where('creator_id', '=', creatorId),
)

export const getCreatorByHandle = namedQuery('creator.get-by-handle', ['alice'], (handle: string) =>
  tables.selectFrom('creators').select('creator_id').where('handle', '=', handle),
)

export const insertCreator = namedQuery(
  'creator.insert',
  [SAMPLE, 'alice', 'Alice'],
  (creatorId: string, handle: string, displayName: string) =>
    tables
      .insertInto('creators')
      .values({ creator_id: creatorId, handle, display_name: displayName })
      .onConflict(conflict => conflict.column('creator_id').doNothing()),
)

/** Changes only the version that was read. */
export const updateCreator = namedQuery(
  'creator.update',
  [SAMPLE, 1, { handle: 'alice', display_name: 'Alice' }],
  (creatorId: string, version: number, values: { handle: string; display_name: string }) =>
    tables
      .updateTable('creators')
      .set({ ...values, version: version + 1 })
      .where('creator_id', '=', creatorId)
      .where('version', '=', version)
      .returningAll(),
)
