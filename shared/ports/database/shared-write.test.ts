import { expect, test } from 'vitest'
import { sharedWrite } from './shared-write.ts'

test('callers that come while a write is under way share the next ones, in order and each with its own answer', async () => {
  const batches: number[][] = []
  const double = sharedWrite(async (items: readonly number[]) => {
    batches.push([...items])
    await Promise.resolve()
    return items.map(item => item * 2)
  }, 3)
  expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
})

test('a write that fails fails its callers alone', async () => {
  const fine = sharedWrite(async (items: readonly string[]) => {
    if (items.includes('bad')) throw new Error('no')
    return items
  }, 1)
  const outcomes = await Promise.allSettled(['good', 'bad', 'good'].map(fine))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
