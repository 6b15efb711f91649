import { expect, test } from 'vitest'
import { CANARY_HOPS, isSynthetic, judgeHops, runVerdict, syntheticCreatorId } from './canary.ts'
import { derivedId, isId } from './id.ts'

const DIGEST = new Uint8Array(32).fill(9)

test('who only makes synthetic shows has an id that tells so; nobody else has', () => {
  expect(isId('creator', syntheticCreatorId(DIGEST))).toBe(true)
  expect(isSynthetic(syntheticCreatorId(DIGEST))).toBe(true)
  expect(isSynthetic(derivedId('creator', DIGEST))).toBe(false)
})

test('a hop is held within its budget, and never when it did not come', () => {
  const [{ name, budgetMs }] = CANARY_HOPS
  expect(judgeHops('selfhost', { [name]: budgetMs.selfhost })[0]?.held).toBe(true)
  expect(judgeHops('selfhost', { [name]: budgetMs.selfhost + 1 })[0]?.held).toBe(false)
  expect(judgeHops('ivs', {})[0]).toEqual({ name, ms: null, budget_ms: budgetMs.ivs, held: false })
})

test('a failure is a failure however fast its hops were', () => {
  const hops = judgeHops('selfhost', Object.fromEntries(CANARY_HOPS.map(({ name }) => [name, 1])))
  expect([runVerdict(hops, undefined), runVerdict(hops, 'gone')]).toEqual(['held', 'failed'])
  expect(runVerdict(judgeHops('selfhost', {}), undefined)).toBe('breached')
})
