import { expect, test } from 'vitest'
import { bell } from './bell.ts'

const LONG_MS = 60_000
const never = new AbortController().signal

test('a ring ends the wait at once, and one that came before it too', async () => {
  const door = bell()
  const waiting = door.wait(LONG_MS, never)
  door.ring()
  await waiting
  door.ring()
  door.ring()
  await door.wait(LONG_MS, never)
})

test('a ring is heard once: the next wait is a wait', async () => {
  const door = bell()
  door.ring()
  await door.wait(LONG_MS, never)
  const startedMs = performance.now()
  await door.wait(30, never)
  expect(performance.now() - startedMs).toBeGreaterThan(20)
})

test('whoever is told to stop does not wait on', async () => {
  await bell().wait(LONG_MS, AbortSignal.abort())
})
