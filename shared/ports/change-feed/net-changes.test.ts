import { expect, test } from 'vitest'
import type { Change } from './change-feed.ts'
import { netChanges, type RecordedChange } from './net-changes.ts'

const shapes = new Map([['t', { key: ['id'], instants: ['at'], bytes: ['raw'] }]])
const change = (xid: number, kind: Change['kind'], id: string, value = 0): RecordedChange => ({
  xid,
  table_name: 't',
  kind,
  row_image: { id, value },
  committed_at: '2026-01-02T03:04:05.678Z',
})
const net = (...recorded: RecordedChange[]): unknown[] =>
  netChanges(recorded, shapes).map(({ kind, row }) => [kind, row])

test('within one transaction only the net change of a row is told', () => {
  expect(net(change(1, 'insert', 'a', 1), change(1, 'update', 'a', 2))).toEqual([['insert', { id: 'a', value: 2 }]])
  expect(net(change(1, 'update', 'a', 1), change(1, 'update', 'a', 2))).toEqual([['update', { id: 'a', value: 2 }]])
  expect(net(change(1, 'insert', 'a'), change(1, 'delete', 'a'))).toEqual([])
  expect(net(change(1, 'update', 'a'), change(1, 'delete', 'a'))).toEqual([['delete', { id: 'a' }]])
  expect(net(change(1, 'delete', 'a'), change(1, 'insert', 'a', 3))).toEqual([['update', { id: 'a', value: 3 }]])
  expect(net(change(1, 'insert', 'a'), change(1, 'delete', 'a'), change(1, 'insert', 'a', 4))).toEqual([
    ['insert', { id: 'a', value: 4 }],
  ])
})

test('changes of several transactions and rows keep their order', () => {
  expect(net(change(1, 'insert', 'a', 1), change(1, 'insert', 'b', 1), change(2, 'update', 'a', 2))).toEqual([
    ['insert', { id: 'a', value: 1 }],
    ['insert', { id: 'b', value: 1 }],
    ['update', { id: 'a', value: 2 }],
  ])
})

test('columns come as a reader gives them, and tables nobody asked for do not come', () => {
  const image = { id: 'a', at: '2026-01-02T03:04:05.6+00:00', raw: '\\x0a', nothing: null }
  const recorded = { ...change(1, 'insert', 'a'), row_image: image }
  expect(netChanges([recorded, { ...recorded, table_name: 'other' }], shapes)).toEqual([
    {
      table: 't',
      kind: 'insert',
      row: { id: 'a', at: '2026-01-02T03:04:05.600Z', raw: new Uint8Array([10]), nothing: null },
      committedAt: '2026-01-02T03:04:05.678Z',
    },
  ])
})
