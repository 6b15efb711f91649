import { expect, test } from 'vitest'
import { sqlStatements } from './sql-statements.ts'

test('statements are split at semicolons that end them, and nowhere else', () => {
  const source = `
    -- a comment; with a semicolon
    CREATE TABLE a (b text DEFAULT 'x;y''; -- z'); /* another; one */
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; SELECT 2; $body$;
    SELECT "odd;name", $1 - 1, 4 / 2 FROM a
  `
  expect(sqlStatements(source)).toEqual([
    `CREATE TABLE a (b text DEFAULT 'x;y''; -- z')`,
    `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; SELECT 2; $body$`,
    `SELECT "odd;name", $1 - 1, 4 / 2 FROM a`,
  ])
})

test('a source of comments alone has no statement', () => {
  expect(sqlStatements('-- nothing;\n/* at; all */ ;;')).toEqual([])
})
