import { describe, expect, test } from 'vitest'
import { routeOf } from './route.ts'

describe('addresses', () => {
  test.each([
    ['/', { screen: 'front' }],
    ['/w/strm_a', { screen: 'watch', id: 'strm_a', embedded: false }],
    ['/embed/strm_a', { screen: 'watch', id: 'strm_a', embedded: true }],
    ['/studio', { screen: 'studio' }],
    ['/studio/', { screen: 'studio' }],
    ['/studio/streams/strm_a', { screen: 'stream', id: 'strm_a' }],
    ['/w', { screen: 'lost' }],
    ['/studio/streams', { screen: 'lost' }],
    ['/w/a/b/c', { screen: 'lost' }],
    ['/v1/streams', { screen: 'lost' }],
    ['/w/%E0%A4%A', { screen: 'lost' }],
  ])('%s shows %o', (path, route) => {
    expect(routeOf(path)).toEqual(route)
  })
})
