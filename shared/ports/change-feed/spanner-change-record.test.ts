import { expect, test } from 'vitest'
import { changeRecord } from './spanner-change-record.ts'

const COLUMNS = [
  { name: 'id', is_primary_key: true, type: { code: 'STRING' } },
  { name: 'count', is_primary_key: true, type: { code: 'INT64' } },
  { name: 'at', is_primary_key: false, type: { code: 'TIMESTAMP' } },
  { name: 'stamp', is_primary_key: false, type: { code: 'TIMESTAMP' } },
  { name: 'doc', is_primary_key: false, type: { code: 'JSON', type_annotation: 'PG_JSONB' } },
  { name: 'raw', is_primary_key: false, type: { code: 'BYTES' } },
  { name: 'list', is_primary_key: false, type: { code: 'ARRAY', array_element_type: { code: 'STRING' } } },
  { name: 'none', is_primary_key: false, type: { code: 'STRING' } },
]
const data = (changes: object) => ({
  data_change_record: {
    column_types: COLUMNS,
    commit_timestamp: '2026-01-02T03:04:05.678901+00:00',
    is_last_record_in_transaction_in_partition: true,
    mod_type: 'INSERT',
    mods: [],
    record_sequence: '00000000',
    server_transaction_id: '7',
    table_name: 't',
    ...changes,
  },
})

test('columns come as a reader gives them, and a commit timestamp that has none yet as that of its record', () => {
  const values = {
    at: '2026-01-02T03:04:05Z',
    stamp: '9999-12-31T23:59:59Z',
    doc: '{"deep": [1, null]}',
    raw: 'AP8=',
    list: ['a', 'b'],
    none: null,
  }
  const record = changeRecord(data({ mods: [{ keys: { id: 'a', count: '5' }, new_values: values, old_values: {} }] }))
  expect(record).toMatchObject({
    kind: 'data',
    at: '2026-01-02T03:04:05.678901Z',
    change: 'insert',
    table: 't',
    last: true,
    shape: { key: ['id', 'count'] },
  })
  expect(record.kind === 'data' && record.rows).toEqual([
    {
      id: 'a',
      count: 5,
      at: '2026-01-02T03:04:05.000Z',
      stamp: '2026-01-02T03:04:05.678Z',
      doc: { deep: [1, null] },
      raw: new Uint8Array([0, 255]),
      list: ['a', 'b'],
      none: null,
    },
  ])
})

test('two transactions of one instant are told apart', () => {
  const [one, two] = ['7', '8'].map(id => changeRecord(data({ server_transaction_id: id })))
  expect(one?.kind === 'data' && two?.kind === 'data' && one.transaction !== two.transaction).toBe(true)
})

test('instants keep their digits and end in Z, as the stream takes them back', () => {
  const heartbeat = { timestamp: '2026-01-02T03:04:05.678901234+00:00' }
  expect(changeRecord({ heartbeat_record: heartbeat })).toEqual({
    kind: 'heartbeat',
    at: '2026-01-02T03:04:05.678901234Z',
  })
  const children = [{ token: 'c', parent_partition_tokens: ['a', 'b'] }]
  expect(
    changeRecord({
      child_partitions_record: { start_timestamp: '2026-01-02T03:04:05+00:00', child_partitions: children },
    }),
  ).toEqual({ kind: 'children', children: [{ token: 'c', from: '2026-01-02T03:04:05Z', parents: ['a', 'b'] }] })
})

test('a record or a change it does not know is never passed over', () => {
  expect(() => changeRecord({ partition_event_record: {} })).toThrow('partition_event_record')
  expect(() => changeRecord(data({ mod_type: 'TRUNCATE' }))).toThrow('TRUNCATE')
})
