import { expect, test } from 'vitest'
import { type Database, DatabaseError } from '#shared/ports/database/database.ts'
import { boundedDatabase } from './bounded-database.ts'

const STATEMENT = { name: 'test.read', sql: 'SELECT 1', parameters: [] } as never
const BOUNDS = { withinMs: 50, breaker: { failures: 3, openMs: 60_000 } }

/** A database whose reads do as they are told. */
function scripted(read: () => Promise<never[]>) {
  let calls = 0
  const engine: Database = {
    read: async () => {
      calls += 1
      return await read()
    },
    transaction: async body => await body({ read: async () => await read(), write: async () => await hang() }),
    ping: async () => undefined,
  }
  return { database: boundedDatabase(engine, BOUNDS), calls: () => calls }
}
const hang = async () => await new Promise<never>(() => undefined)
const away = async () => await Promise.reject<never[]>(new DatabaseError('unavailable', 'x', 'away'))

test('what takes too long is refused with a time to come back', async () => {
  const { database } = scripted(hang)
  const refused = { code: 'service.unavailable', retryAfterS: 60 }
  await expect(database.read(STATEMENT)).rejects.toMatchObject(refused)
  await expect(database.transaction(async tx => await tx.read(STATEMENT))).rejects.toMatchObject(refused)
})

test('an engine that is away is not asked for a while', async () => {
  const { database, calls } = scripted(away)
  for (let asked = 0; asked < 10; asked += 1) {
    await expect(database.read(STATEMENT)).rejects.toMatchObject({ code: 'service.unavailable' })
  }
  expect(calls()).toBe(3)
})

test('conflicts and mistakes pass as they are, and never keep others out', async () => {
  const conflict = new DatabaseError('conflict', 'x', 'twice')
  const { database, calls } = scripted(async () => await Promise.reject<never[]>(conflict))
  for (let asked = 0; asked < 10; asked += 1) await expect(database.read(STATEMENT)).rejects.toBe(conflict)
  expect(calls()).toBe(10)
})
