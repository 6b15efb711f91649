import { describe, expect, test } from 'vitest'
import { routeOf } from './route.ts'

describe('addresses', () => {
  test.each([
    ['/', { screen: 'feed' }],
    ['/live', { screen: 'front' }],
    ['/search', { screen: 'search' }],
    ['/c/clip_a', { screen: 'clip', id: 'clip_a', embedded: false }],
    ['/embed/clip_a', { screen: 'clip', id: 'clip_a', embedded: true }],
    ['/s/shar_a', { screen: 'share', id: 'shar_a' }],
    ['/c/', { screen: 'lost' }],
    ['/live/x', { screen: 'lost' }],
    ['/w/strm_a', { screen: 'watch', id: 'strm_a', embedded: false }],
    ['/embed/strm_a', { screen: 'watch', id: 'strm_a', embedded: true }],
    ['/studio', { screen: 'studio' }],
    ['/studio/', { screen: 'studio' }],
    ['/studio/streams/strm_a', { screen: 'stream', id: 'strm_a' }],
    ['/studio/clips', { screen: 'clips' }],
    ['/studio/clips/clip_a', { screen: 'editor', id: 'clip_a' }],
    ['/studio/review', { screen: 'review' }],
    ['/studio/jobs', { screen: 'jobs' }],
    ['/studio/jobs/job_a', { screen: 'lost' }],
    ['/w', { screen: 'lost' }],
    ['/studio/streams', { screen: 'lost' }],
    ['/w/a/b/c', { screen: 'lost' }],
    ['/v1/streams', { screen: 'lost' }],
    ['/w/%E0%A4%A', { screen: 'lost' }],
  ])('%s shows %o', (path, route) => {
    expect(routeOf(path)).toEqual(route)
  })
})
