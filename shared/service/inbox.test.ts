import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { firstTime } from './inbox.ts'

let database: Awaited<ReturnType<typeof recycledDatabase>>
beforeAll(async () => (database = await recycledDatabase()))
afterAll(() => database[Symbol.asyncDispose]())

describe('firstTime', () => {
  test('of parallel deliveries one is the first, per consumer', async () => {
    const asks = Array.from({ length: 5 }, () => database.transaction(tx => firstTime(tx, 'evt_1', 'a')))
    expect((await Promise.all(asks)).filter(Boolean)).toHaveLength(1)
    expect(await database.transaction(tx => firstTime(tx, 'evt_1', 'b'))).toBe(true)
  })

  test('an effect that fails leaves the event new', async () => {
    await expect(
      database.transaction(async tx => {
        await firstTime(tx, 'evt_2', 'a')
        throw new Error('effect')
      }),
    ).rejects.toThrow('effect')
    expect(await database.transaction(tx => firstTime(tx, 'evt_2', 'a'))).toBe(true)
  })
})
