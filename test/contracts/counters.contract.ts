import { expect, test } from 'vitest'
import type { Counters } from '#shared/ports/counters/counters.ts'
import { eventually } from '../helpers/eventually.ts'

const WINDOW_S = 60
let keys = 0
const newKey = (): string => `contract-${process.pid}-${(keys += 1)}`

/** What every Counters promises; `open` gives the counters as another instance has them. */
export function countersContract(open: () => Counters): void {
  test('a counter goes up by one, and another is not touched', async () => {
    const counters = open()
    const [key, other] = [newKey(), newKey()]
    expect((await counters.add(key, WINDOW_S)).count).toBe(1)
    expect((await counters.add(key, WINDOW_S)).count).toBe(2)
    expect((await counters.add(other, WINDOW_S)).count).toBe(1)
  })

  test('instances that add at the same time share one counter, and none is counted twice', async () => {
    const [one, two] = [open(), open()]
    const key = newKey()
    const counted = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => (await (index % 2 === 0 ? one : two).add(key, WINDOW_S)).count),
    )
    expect(counted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  })

  test('the time that is left is that of the first, and only goes down', async () => {
    const counters = open()
    const key = newKey()
    const first = await counters.add(key, WINDOW_S)
    expect(first.leftMs).toBeLessThanOrEqual(WINDOW_S * 1_000)
    expect(first.leftMs).toBeGreaterThan(WINDOW_S * 1_000 - 5_000)
    expect((await counters.add(key, WINDOW_S)).leftMs).toBeLessThanOrEqual(first.leftMs)
  })

  test('a counter begins anew when its window is over, however long it was counted on', async () => {
    const counters = open()
    const key = newKey()
    await counters.add(key, 1)
    await eventually(
      async () => (await counters.add(key, 1)).count,
      count => expect(count).toBe(1),
    )
  })
}
