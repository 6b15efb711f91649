import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Refusal } from '#shared/domain/refusal.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { cueGatherer } from './cue-gatherer.ts'

const BOUNDS = { bytesMax: 1_024, perSecond: 5 }

/** A gatherer under a clock of its own, and what it placed. */
function gathering(place: (metadata: string) => Promise<void> = async () => undefined) {
  const clock = { ms: 0 }
  const placed: { channel: string; metadata: string; atMs: number }[] = []
  const cues = cueGatherer({
    ...BOUNDS,
    now: () => clock.ms,
    place: async (channel, metadata) => {
      const atMs = clock.ms
      await place(metadata)
      placed.push({ channel, metadata, atMs })
    },
  })
  onTestFinished(() => cues[Symbol.dispose]())
  return { cues, clock, placed }
}

const cuesIn = (metadata: string): unknown[] => {
  const value: unknown = JSON.parse(metadata)
  const listed = typeof value === 'object' && value !== null && 'cues' in value ? value.cues : undefined
  return Array.isArray(listed) ? listed : [value]
}
const codeOf = async (outcome: Promise<void>) =>
  await outcome.then(
    () => 'placed',
    (error: unknown) => (error instanceof Refusal ? error.code : 'not a refusal'),
  )

test('within the rate each cue goes at once and as it is; over it they go together when a second is over', async () => {
  const { cues, clock, placed } = gathering()
  for (let sent = 0; sent < 5; sent += 1) await cues.put('a', `{"n":${sent}}`)
  const late = [5, 6, 7].map(async n => await cues.put('a', `{"n":${n}}`))
  await cues.put('b', '{"n":0}')
  expect(placed).toHaveLength(6)
  clock.ms = 1_001
  await Promise.all(late)
  expect(placed.at(-1)).toEqual({ channel: 'a', metadata: '{"cues":[{"n":5},{"n":6},{"n":7}]}', atMs: 1_001 })
})

test('whatever is put arrives once, in order, in pieces of 1 KB at most, five in any second; the rest is refused', async () => {
  const cue = fc.oneof(fc.string({ maxLength: 300 }), fc.integer(), fc.record({ cues: fc.array(fc.integer()) }))
  await fc.assert(
    fc.asyncProperty(fc.array(cue, { minLength: 1, maxLength: 40 }), async values => {
      const { cues, clock, placed } = gathering()
      const outcomes = Promise.all(values.map(async value => await codeOf(cues.put('a', JSON.stringify(value)))))
      let open = true
      void outcomes.then(() => (open = false))
      await eventually(() => {
        clock.ms += 300
        expect(open).toBe(false)
        return true
      })
      const codes = await outcomes
      expect(['placed', 'request.rate-limited']).toEqual(expect.arrayContaining(codes))
      expect(placed.flatMap(({ metadata }) => cuesIn(metadata))).toEqual(values.filter((_, n) => codes[n] === 'placed'))
      for (const [index, { metadata, atMs }] of placed.entries()) {
        expect(Buffer.byteLength(metadata)).toBeLessThanOrEqual(BOUNDS.bytesMax)
        const sixth = placed[index + BOUNDS.perSecond]
        if (sixth !== undefined) expect(sixth.atMs - atMs).toBeGreaterThanOrEqual(1_000)
      }
    }),
    { numRuns: 15 },
  )
})

test('a cue over 1 KB is refused, one of exactly 1 KB is not, and more than a second can place is refused at once', async () => {
  const { cues } = gathering()
  const whole = JSON.stringify('x'.repeat(1_022))
  expect(await codeOf(cues.put('a', `${whole} `))).toBe('cue.too-large')
  for (let sent = 0; sent < 5; sent += 1) await cues.put('a', whole)
  const waiting = Array.from({ length: 5 }, async () => await codeOf(cues.put('a', whole)))
  expect(await codeOf(cues.put('a', whole))).toBe('request.rate-limited')
  cues[Symbol.dispose]()
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => 'service.unavailable'))
})

test('what could not be placed does not count, and everybody who waited with it hears why', async () => {
  let live = true
  const { cues, clock } = gathering(async () => {
    if (!live) throw new Refusal('stream.not-live', { detail: 'Nothing is on air.' })
  })
  for (let sent = 0; sent < 5; sent += 1) await cues.put('a', '{}')
  const late = [codeOf(cues.put('a', '{}')), codeOf(cues.put('a', '{}'))]
  live = false
  clock.ms = 1_001
  expect(await Promise.all(late)).toEqual(['stream.not-live', 'stream.not-live'])
  live = true
  for (let sent = 0; sent < 5; sent += 1) await cues.put('a', '{}')
})
