import type { Principal } from '#shared/service/principal.ts'
import type { CreatorAnswer } from './creator-answer.ts'
import type { CreatorRow } from './creator-queries.ts'

/** A creator as it sees itself. */
export function presentCreator(row: CreatorRow, principal: Principal): CreatorAnswer {
  return {
    id: row.creator_id,
    handle: row.handle,
    display_name: row.display_name,
    status: row.status,
    roles: principal.kind === 'user' ? [...principal.roles] : [],
    created_at: row.created_at,
  }
}
