import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sqlStatements } from './sql-statements.ts'
import { translateDdl } from './translate-ddl.ts'

const translate = (source: string, known: Record<string, string> = {}) =>
  translateDdl(sqlStatements(source), new Map(Object.entries(known)))

test('INTERLEAVE becomes a cascading foreign key on the parent’s whole key', () => {
  const { statements } = translate(`
    CREATE TABLE p (a varchar(40) NOT NULL, b bigint NOT NULL, PRIMARY KEY (a, b));
    CREATE TABLE c (a varchar(40) NOT NULL, b bigint NOT NULL, d bigint NOT NULL, PRIMARY KEY (a, b, d))
      INTERLEAVE IN PARENT p ON DELETE CASCADE;
  `)
  expect(statements).toHaveLength(2)
  expect(statements[1]).toContain('FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE CASCADE')
  expect(statements.join()).not.toContain('INTERLEAVE')
})

test('a parent of an earlier migration is known', () => {
  const source = 'CREATE TABLE c (a bigint, PRIMARY KEY (a)) INTERLEAVE IN PARENT p'
  expect(translate(source, { p: 'a' }).statements[0]).toContain('FOREIGN KEY (a) REFERENCES p (a)')
  expect(() => translate(source)).toThrow('does not exist yet')
})

test('TTL becomes a rule for the sweeper, with an index it can use, and leaves the statement', () => {
  const { statements, ttl } = translate(`
    CREATE TABLE t (a bigint, gone timestamptz, PRIMARY KEY (a)) TTL INTERVAL '14 days' ON gone;
  `)
  expect(ttl).toEqual([{ table: 't', column: 'gone', days: 14 }])
  expect(statements[0]).not.toContain('TTL')
  expect(statements[1]).toBe('CREATE INDEX t_ttl ON t (gone) WHERE gone IS NOT NULL')
})

test('INTERLEAVE and TTL may both end a table', () => {
  const { statements, ttl } = translate(
    `CREATE TABLE c (a bigint, x timestamptz, PRIMARY KEY (a)) INTERLEAVE IN PARENT p ON DELETE CASCADE TTL INTERVAL '0 days' ON x`,
    { p: 'a' },
  )
  expect(ttl).toEqual([{ table: 'c', column: 'x', days: 0 }])
  expect(statements[0]).toMatch(/REFERENCES p \(a\) ON DELETE CASCADE\n\)$/)
})

test('every commit timestamp gets a trigger for insert and update', () => {
  const { statements } = translate(
    'CREATE TABLE t (a bigint, touched spanner.commit_timestamp NOT NULL, PRIMARY KEY (a))',
  )
  expect(
    statements.some(statement => /CREATE TRIGGER t_stamp_touched BEFORE INSERT OR UPDATE ON t/.test(statement)),
  ).toBe(true)
})

test('a change stream becomes one trigger a table and its retention', () => {
  const { statements, streams } = translate(
    `CREATE CHANGE STREAM out FOR a, b WITH (retention_period='7d', value_capture_type='NEW_ROW')`,
  )
  expect(streams).toEqual([{ name: 'out', tables: ['a', 'b'], retentionDays: 7 }])
  expect(statements.filter(statement => statement.includes(`record_change('out')`))).toHaveLength(2)
})

test('a clause it does not know is refused, not dropped', () => {
  expect(() => translate('CREATE TABLE t (a bigint, PRIMARY KEY (a)) LOCALITY GROUP hot')).toThrow('LOCALITY GROUP hot')
  expect(() => translate('CREATE TABLE t (a bigint)')).toThrow('no primary key')
})

test('the schema leaves nothing of Spanner behind but its types', () => {
  const source = readFileSync(join(import.meta.dirname, 'migrations/0001-first-slice.sql'), 'utf8')
  const { statements, ttl, streams } = translate(source)
  expect(statements.join('\n')).not.toMatch(/INTERLEAVE|TTL INTERVAL|CHANGE STREAM/)
  expect(ttl.map(({ table }) => table)).toContain('inbox')
  expect(streams.map(({ name }) => name)).toEqual(['events_out', 'catalog_out'])
})
