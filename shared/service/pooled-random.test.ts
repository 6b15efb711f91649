import { expect, test } from 'vitest'
import { pooledRandom } from './pooled-random.ts'

test('no two draws are alike, across refills of the pool and beyond its size', () => {
  const drawn = new Set<string>()
  for (let index = 0; index < 2_000; index += 1) drawn.add(Buffer.from(pooledRandom(16)).toString('hex'))
  expect(drawn.size).toBe(2_000)
  expect(drawn.has('0'.repeat(32))).toBe(false)
  expect(pooledRandom(20_000)).toHaveLength(20_000)
})

test('what was drawn does not change with later draws', () => {
  const bytes = pooledRandom(16)
  const before = Buffer.from(bytes).toString('hex')
  for (let index = 0; index < 2_000; index += 1) pooledRandom(16)
  expect(Buffer.from(bytes).toString('hex')).toBe(before)
})
