import { DatabaseError, type DatabaseErrorKind } from './database.ts'

/** SQLSTATEs after which the same transaction may simply run again: serialization failure and deadlock. */
const AGAIN = new Set(['40001', '40P01'])
/** Longest engine message kept, in characters. */
const MESSAGE_MAX = 200

export type EngineFailure = {
  code?: string | undefined
  message: string
  constraint?: string | undefined
  column?: string | undefined
}

export function mayRunAgain(failure: { code?: string | undefined }): boolean {
  return failure.code !== undefined && AGAIN.has(failure.code)
}

/** The port's error for what a PostgreSQL engine reported; values of the statement stay out of the message. */
export function databaseError(statement: string, failure: EngineFailure): DatabaseError {
  const { code, constraint } = failure
  const kind = kindOf(code)
  const state = code === undefined ? '' : ` (SQLSTATE ${code})`
  const why = {
    conflict: `${constraint ?? 'a unique value'} exists already.`,
    missing: `${constraint ?? 'a row it refers to'} is not satisfied.`,
    invalid: `${refusedBecause(failure)}${state}`,
    unavailable: `the database is not available: ${short(failure.message)}${state}`,
  }
  return new DatabaseError(kind, statement, `${statement}: ${why[kind]}`)
}

function kindOf(code: string | undefined): DatabaseErrorKind {
  if (code === '23505') return 'conflict'
  if (code === '23503') return 'missing'
  if (code !== undefined && /^(?:0A|21|22|23|25|2B|34|42|44|P0)/.test(code)) return 'invalid'
  return 'unavailable'
}

/** Data exceptions quote the offending value in their message, so only class 42 (names, syntax, types) is repeated. */
function refusedBecause({ code, message, constraint, column }: EngineFailure): string {
  if (code?.startsWith('42')) return short(message)
  if (constraint !== undefined) return `a value violates ${constraint}.`
  return column === undefined ? 'a value was refused.' : `the value of ${column} was refused.`
}

function short(message: string): string {
  const [line = ''] = message.split('\n')
  return line.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX)}…` : line
}
