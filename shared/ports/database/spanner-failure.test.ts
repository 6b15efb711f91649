import { expect, test } from 'vitest'
import { isAborted, spannerError } from './spanner-failure.ts'

/** What the engine says, as the emulator and the service word it, and the kind it stands for. */
const SAID: readonly [code: number | undefined, details: string, kind: string, names: string][] = [
  [
    6,
    'UNIQUE violation on index creators_by_handle, duplicate key: {String("hush")}',
    'conflict',
    'creators_by_handle',
  ],
  [
    6,
    'Failed to insert row with primary key ({pk#id:"hush"}) due to previously existing row',
    'conflict',
    'primary key',
  ],
  [5, 'Insert failed: key was not found in parent table: Parent Table: creators Key: {"hush"}', 'missing', 'creators'],
  [5, 'relation "nope" does not exist', 'invalid', 'nope'],
  [5, 'Session not found: projects/hush', 'unavailable', 'not available'],
  [9, 'Cannot specify a null value for column: creators.handle in table: creators', 'invalid', 'creators.handle'],
  [3, 'Could not parse hush as an integer', 'invalid', 'a value was refused'],
  [3, 'column "nonsense" does not exist', 'invalid', 'nonsense'],
  [14, 'No connection established', 'unavailable', 'not available'],
  [4, 'Deadline exceeded', 'unavailable', 'not available'],
  [undefined, 'socket hang up', 'unavailable', 'not available'],
]

test('every status becomes the port’s kind, and no value is told', () => {
  for (const [code, details, kind, names] of SAID) {
    const error = spannerError('creator.add', Object.assign(new Error(details), { code, details }))
    expect(error, details).toMatchObject({ kind, statement: 'creator.add' })
    expect(error.message, details).toContain(names)
    if (kind !== 'unavailable') expect(error.message).not.toContain('hush')
  }
})

test('only ABORTED asks for the transaction again', () => {
  expect(isAborted(Object.assign(new Error('x'), { code: 10 }))).toBe(true)
  expect(isAborted(Object.assign(new Error('x'), { code: 14 }))).toBe(false)
  expect(isAborted(new Error('x'))).toBe(false)
})
