import { expect, test } from 'vitest'
import { oneAtATime, TurnTimeout } from './one-at-a-time.ts'

test('turns are given one at a time, first come, first served', async () => {
  const turns = oneAtATime()
  const order: number[] = []
  let inside = 0
  const work = async (number: number): Promise<void> => {
    const leave = await turns.take(5_000)
    inside += 1
    expect(inside).toBe(1)
    await Promise.resolve()
    order.push(number)
    inside -= 1
    leave()
    leave()
  }
  await Promise.all([1, 2, 3, 4].map(work))
  expect(order).toEqual([1, 2, 3, 4])
})

test('who waits too long or is aborted is told, and holds nobody up', async () => {
  const turns = oneAtATime()
  const leave = await turns.take(5_000)
  const stop = new AbortController()
  const reasonOf = async (turn: Promise<unknown>) => await turn.catch((error: unknown) => error)
  const late = reasonOf(turns.take(1))
  const aborted = reasonOf(turns.take(5_000, stop.signal))
  const next = turns.take(5_000)
  stop.abort(new Error('enough'))
  expect(await late).toBeInstanceOf(TurnTimeout)
  expect(await aborted).toEqual(new Error('enough'))
  leave()
  await expect(next).resolves.toBeTypeOf('function')
  expect(turns.waiting()).toBe(0)
})
