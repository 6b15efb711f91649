import { array, assert, constantFrom, infiniteStream, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from './bus-rows.ts'
import { deliveryWindow } from './delivery-window.ts'

const delivery = (seq: number, orderingKey: string): Delivery => ({
  seq,
  messageId: `m${seq}`,
  orderingKey,
  attributes: {},
  data: '{}',
  publishedAt: '2026-01-01T00:00:00.000Z',
  attempts: 0,
  notBefore: null,
})

test('in any interleaving each delivery is settled once, in order per key, one under way a key', () => {
  const keys = array(constantFrom('a', 'b', 'c'), { maxLength: 40 })
  const choices = infiniteStream(nat({ max: 9 }))
  assert(
    property(keys, choices, (orderingKeys, choice) => {
      const window = deliveryWindow(true)
      const waiting = orderingKeys.map((key, index) => delivery(index, key))
      const underWay: Delivery[] = []
      const held: Delivery[] = []
      const settled: Delivery[] = []
      const next = (): number => choice.next().value
      while (settled.length < orderingKeys.length) {
        const act = next()
        const pick = (list: Delivery[]): Delivery | undefined => list.splice(next() % Math.max(1, list.length), 1)[0]
        const added = act < 3 ? waiting.shift() : undefined
        if (added) window.add(added)
        const taken = act < 6 ? window.take() : undefined
        if (taken) {
          expect(underWay.map(({ orderingKey }) => orderingKey)).not.toContain(taken.orderingKey)
          underWay.push(taken)
        }
        const done = act >= 6 && act < 8 ? pick(underWay) : undefined
        if (done) {
          window.settle(done)
          settled.push(done)
        }
        const failed = act === 8 ? pick(underWay) : undefined
        if (failed) {
          window.hold(failed)
          held.push(failed)
        }
        const again = act === 9 ? pick(held) : undefined
        if (again) window.reopen(again)
        expect(window.underWay).toBe(underWay.length)
      }
      expect(window.size).toBe(0)
      for (const key of ['a', 'b', 'c']) {
        const seqs = settled.filter(({ orderingKey }) => orderingKey === key).map(({ seq }) => seq)
        expect(seqs).toEqual(seqs.toSorted((x, y) => x - y))
      }
    }),
    { numRuns: 200 },
  )
})

test('without order every delivery may be under way at once', () => {
  const window = deliveryWindow(false)
  for (let seq = 0; seq < 3; seq += 1) window.add(delivery(seq, 'same'))
  expect([window.take(), window.take(), window.take()].map(taken => taken?.seq)).toEqual([0, 1, 2])
  expect(window.take()).toBeUndefined()
})
