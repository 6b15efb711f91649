import { expect, test } from 'vitest'
import { plainSql } from './table-engine.ts'
import { commitStamps } from './spanner-stamps.ts'

const TABLES = new Map([
  ['creators', { table: 'creators', column: 'updated_at', key: ['creator_id'] }],
  ['channels', { table: 'channels', column: 'updated_at', key: ['creator_id', 'channel_id'] }],
])

test('a write on a stamped table returns its keys, which the caller never sees', () => {
  const stamps = commitStamps(TABLES)
  const bare = stamps.prepare(plainSql('a', 'update "creators" set "status" = $1'))
  expect(bare.sql).toBe('update "creators" set "status" = $1 returning "creator_id" as "~key0"')
  expect(bare.settle([{ '~key0': 'crtr_1' }])).toEqual([])

  const returning = stamps.prepare(plainSql('b', 'INSERT INTO channels (x) VALUES ($1) RETURNING version'))
  expect(returning.sql).toBe(
    'INSERT INTO channels (x) VALUES ($1) RETURNING version, "creator_id" as "~key0", "channel_id" as "~key1"',
  )
  expect(returning.settle([{ version: 2, '~key0': 'crtr_1', '~key1': 'chan_1' }])).toEqual([{ version: 2 }])
})

test('each row that was written is stamped once, by its key, in the end', () => {
  const stamps = commitStamps(TABLES)
  const write = stamps.prepare(plainSql('a', 'update channels set title = $1'))
  write.settle([
    { '~key0': 'crtr_1', '~key1': 'chan_1' },
    { '~key0': 'crtr_1', '~key1': 'chan_2' },
  ])
  write.settle([{ '~key0': 'crtr_1', '~key1': 'chan_1' }])
  expect(stamps.statements().map(({ sql, parameters }) => [sql, parameters])).toEqual(
    ['chan_1', 'chan_2'].map(channel => [
      'update "channels" set "updated_at" = spanner.pending_commit_timestamp() where "creator_id" = $1 and "channel_id" = $2',
      ['crtr_1', channel],
    ]),
  )
})

test('reads, deletes and tables without a stamp run as they are', () => {
  const stamps = commitStamps(TABLES)
  for (const sql of ['select * from creators', 'delete from creators', 'insert into inbox (a) values ($1)']) {
    const prepared = stamps.prepare(plainSql('a', sql))
    expect(prepared.sql).toBe(sql)
    expect(prepared.settle([{ a: 1 }])).toEqual([{ a: 1 }])
  }
  expect(stamps.statements()).toEqual([])
})

test('the word returning within a literal or a name is not a clause', () => {
  const stamps = commitStamps(TABLES)
  const sql = `update creators set "returning" = 'it''s returning'`
  expect(stamps.prepare(plainSql('a', sql)).sql).toBe(`${sql} returning "creator_id" as "~key0"`)
})
