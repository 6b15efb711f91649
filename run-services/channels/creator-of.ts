import type { Transaction } from '#shared/ports/database/database.ts'
import { DatabaseError } from '#shared/ports/database/database.ts'
import type { Principal, UserPrincipal } from '#shared/service/principal.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { HANDLE } from './creator-answer.ts'
import { getCreator, getCreatorByHandle, insertCreator, type CreatorRow } from './creator-queries.ts'

/** Characters of the creator's id that tell two people of one name apart. */
const TAG_CHARACTERS = 5
const HANDLE_CHARACTERS_MAX = 30
const DISPLAY_NAME_MAX = 100

/**
 * The creator that a caller is, made on first use: the id comes from issuer and subject, the handle from the name in the
 * token while it is free, else with a few characters of the id behind it.
 */
export async function creatorOf(deps: Pick<ChannelsDeps, 'database'>, principal: Principal): Promise<CreatorRow> {
  const user = userOf(principal)
  const [known] = await deps.database.read(getCreator(user.id))
  if (known !== undefined) return known
  try {
    return await deps.database.transaction(async tx => create(tx, user, await freeHandle(tx, user)))
  } catch (error) {
    if (!(error instanceof DatabaseError && error.kind === 'conflict')) throw error
    return deps.database.transaction(tx => create(tx, user, user.id))
  }
}

/** The person who calls; services and strangers are none. */
export function userOf(principal: Principal): UserPrincipal {
  if (principal.kind === 'user') return principal
  throw new Refusal('auth.missing', { detail: 'Only a person can do this.' })
}

async function create(tx: Transaction, user: UserPrincipal, handle: string): Promise<CreatorRow> {
  await tx.write(insertCreator(user.id, handle, displayName(user)))
  const [row] = await tx.read(getCreator(user.id))
  if (row === undefined) throw new Error('A creator that was just made is not there.')
  return row
}

async function freeHandle(tx: Transaction, user: UserPrincipal): Promise<string> {
  const wanted = user.handle
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .slice(0, HANDLE_CHARACTERS_MAX)
  if (!HANDLE.test(wanted)) return user.id
  if ((await tx.read(getCreatorByHandle(wanted))).length === 0) return wanted
  const tagged = `${wanted.slice(0, HANDLE_CHARACTERS_MAX - TAG_CHARACTERS - 1)}_${user.id.slice(-TAG_CHARACTERS)}`
  return (await tx.read(getCreatorByHandle(tagged))).length === 0 ? tagged : user.id
}

function displayName(user: UserPrincipal): string {
  return user.handle.slice(0, DISPLAY_NAME_MAX)
}
