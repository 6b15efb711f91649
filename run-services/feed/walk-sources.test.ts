import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type StepSource, walkSources, type WalkPlace } from './walk-sources.ts'

/** A source of rows 0…n-1 of which some match; counts the rows it gave. */
function rows(name: string, matches: readonly boolean[], given: { rows: number }): StepSource {
  return async (after, count) => {
    const from = after === undefined ? 0 : Number(after[0]) + 1
    const steps = matches.slice(from, from + count).map((match, index) => ({
      place: [from + index],
      ...(match ? { key: { kind: 'clip' as const, id: `${name}${from + index}` } } : {}),
    }))
    given.rows += steps.length
    return steps
  }
}

test('pages of any size hold every match once, in order, with bounded work a page', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.boolean(), { maxLength: 200 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 100 }),
      async (tapes, limit) => {
        const all = tapes.flatMap((tape, name) => tape.flatMap((match, at) => (match ? [`${name}.${at}`] : [])))
        const given = { rows: 0 }
        const sources = tapes.map((tape, name) => rows(`${name}.`, tape, given))
        const seen: string[] = []
        let place: WalkPlace | null = { source: 0, after: undefined }
        while (place !== null) {
          given.rows = 0
          const walked = await walkSources(sources, place, limit)
          expect(walked.keys.length).toBeLessThanOrEqual(limit)
          expect(given.rows).toBeLessThanOrEqual(600)
          seen.push(...walked.keys.map(({ id }) => id))
          place = walked.next
        }
        expect(seen).toEqual(all)
      },
    ),
  )
})

test('a page without a match is empty and goes on, until there is nothing left', async () => {
  const given = { rows: 0 }
  const sources = [
    rows(
      'x',
      Array.from({ length: 1_300 }, (_, at) => at === 1_299),
      given,
    ),
  ]
  let place: WalkPlace | null = { source: 0, after: undefined }
  const sizes: number[] = []
  while (place !== null) {
    const walked = await walkSources(sources, place, 20)
    sizes.push(walked.keys.length)
    place = walked.next
  }
  expect(sizes).toEqual([0, 0, 1])
})
