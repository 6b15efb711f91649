import { expect, test } from 'vitest'
import { slots } from './slots.ts'

test('so many run at once, the others wait in order, and what is too much is refused', async () => {
  const run = slots(2, 2)
  const started: number[] = []
  const ends: (() => void)[] = []
  const work = (number: number) =>
    run(async () => {
      started.push(number)
      await new Promise<void>(end => ends.push(end))
      return number
    })
  const all = [1, 2, 3, 4].map(work)
  await expect(work(5)).rejects.toMatchObject({ code: 'service.unavailable', retryAfterS: 1 })
  expect(started).toEqual([1, 2])
  while (started.length < 4) {
    ends.shift()?.()
    await all[started.length - 3]
  }
  for (const end of ends) end()
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4])
  expect(started).toEqual([1, 2, 3, 4])
})

test('a work that fails gives its slot back', async () => {
  const run = slots(1, 0)
  await expect(run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await run(() => Promise.resolve(7))).toBe(7)
})
