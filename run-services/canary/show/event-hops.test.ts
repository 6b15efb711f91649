import { expect, test } from 'vitest'
import { eventHops } from './event-hops.ts'

const at = (ms: number) => new Date(ms).toISOString()

test('the hops of both clouds follow from the marks', () => {
  const marks = { reported: at(1_100), 'handed-off': at(1_400), delivered: at(1_450), committed: at(1_500) }
  expect(eventHops(1_000, { ...marks, relayed: at(1_530), told: at(1_540) })).toEqual({
    'provider-event': 100,
    'hand-off': 300,
    bus: 50,
    committed: 100,
    'change-feed': 30,
  })
})

test('a hop whose ends were not both seen is left out, and clocks that differ give no negative time', () => {
  expect(eventHops(1_000, { reported: at(990), 'handed-off': at(1_020) })).toEqual({
    'provider-event': 0,
    'hand-off': 30,
  })
})
