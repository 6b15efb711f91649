import { expect, test } from 'vitest'
import { timelineRows } from './timeline-rows.ts'

const item = (type: string, sequence: number) => ({
  id: `evt_${sequence}`,
  type,
  time: '2026-11-21T18:00:00.000Z',
  sequence,
  epoch: 1,
  at_ms: sequence * 1000,
  data: {},
})

test('segments that follow each other are one line with their number; everything else keeps its own', () => {
  const types = [
    'stream.started',
    'segment.finalized',
    'segment.finalized',
    'marker.added',
    'marker.added',
    'segment.finalized',
  ]
  expect(timelineRows(types.map(item)).map(({ type, count }) => [type, count])).toEqual([
    ['stream.started', 1],
    ['segment.finalized', 2],
    ['marker.added', 1],
    ['marker.added', 1],
    ['segment.finalized', 1],
  ])
})
