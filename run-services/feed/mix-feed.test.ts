import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MIX_START, mixFeed, spreadCreators } from './mix-feed.ts'

const list = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`)
const namesOf = (items: ReturnType<typeof mixFeed<string, string>>['items']) =>
  items.map(item => ('clip' in item ? item.clip : item.show))

describe('the mix', () => {
  test('begins with two shows and puts one after every four clips', () => {
    const { items } = mixFeed(list('c', 12), list('s', 5), MIX_START, 12)
    expect(namesOf(items).join(' ')).toBe('s0 s1 c0 c1 c2 c3 s2 c4 c5 c6 c7 s3')
  })

  test('goes on with one where the other has ended', () => {
    expect(namesOf(mixFeed(list('c', 3), [], MIX_START, 9).items).join(' ')).toBe('c0 c1 c2')
    expect(namesOf(mixFeed([], list('s', 4), MIX_START, 9).items).join(' ')).toBe('s0 s1 s2 s3')
  })

  test('is the same in pages of any size as in one', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.nat(12),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (clips, shows, sizes) => {
          const whole = mixFeed(list('c', clips), list('s', shows), MIX_START, 99)
          const paged: string[] = []
          let [phase, clipsFrom, showsFrom] = [MIX_START, 0, 0]
          for (let page = 0; paged.length < clips + shows; page += 1) {
            const limit = sizes[page % sizes.length] ?? 1
            const mixed = mixFeed(
              list('c', clips).slice(clipsFrom, clipsFrom + limit + 1),
              list('s', shows).slice(showsFrom, showsFrom + limit + 1),
              phase,
              limit,
            )
            paged.push(...namesOf(mixed.items))
            phase = mixed.phase
            clipsFrom += mixed.clips
            showsFrom += mixed.shows
          }
          expect(paged).toEqual(namesOf(whole.items))
        },
      ),
    )
  })
})

describe('creators', () => {
  test('stand at most twice in a row while others are left, and nothing is lost or doubled', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }), creators => {
        const items = creators.map((creator, index) => ({ creator, index }))
        const spread = spreadCreators(items, item => item.creator)
        expect(spread.toSorted((a, b) => a.index - b.index)).toEqual(items)
        spread.forEach((item, at) => {
          const run = spread.slice(Math.max(0, at - 2), at)
          const third = run.length === 2 && run.every(({ creator }) => creator === item.creator)
          if (third) expect(spread.slice(at).every(({ creator }) => creator === item.creator)).toBe(true)
        })
      }),
    )
  })

  test('keep their order where no run is too long', () => {
    expect(spreadCreators(['a', 'a', 'b', 'a', 'a'], name => name)).toEqual(['a', 'a', 'b', 'a', 'a'])
    expect(spreadCreators(['a', 'a', 'a', 'b'], name => name)).toEqual(['a', 'a', 'b', 'a'])
  })
})
