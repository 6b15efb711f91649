import { expect, test } from 'vitest'
import { placeInAddress } from './place-in-address.ts'

test.each([
  ['?t=83', 83_000],
  ['?t=1.5&x=y', 1_500],
  ['?t=0', 0],
  ['', undefined],
  ['?t=', undefined],
  ['?t=-3', undefined],
  ['?t=1e9', undefined],
  ['?t=99999999', undefined],
])('%j leads to %s ms', (search, place) => {
  expect(placeInAddress(search)).toBe(place)
})
