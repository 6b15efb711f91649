import { DatabaseError, type DatabaseErrorKind } from './database.ts'

/** gRPC's status codes, as far as the engine uses them. */
const GRPC = {
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
} as const

/** Longest engine message kept, in characters. */
const MESSAGE_MAX = 200

/** What a failed call left: a gRPC status, or what the client says without one. */
type SpannerFailure = { code?: number; message: string }

/** The engine wants the whole transaction again. */
export function isAborted(error: unknown): boolean {
  return failureOf(error).code === GRPC.aborted
}

/** The port's error for what Spanner or its client reported; values of the statement stay out of the message. */
export function spannerError(statement: string, error: unknown): DatabaseError {
  const failure = failureOf(error)
  const kind = kindOf(failure)
  return new DatabaseError(kind, statement, `${statement}: ${sentence(kind, failure)}`)
}

function failureOf(error: unknown): SpannerFailure {
  const { code, details, message } = error as { code?: unknown; details?: unknown; message?: unknown }
  const text = typeof details === 'string' && details !== '' ? details : String(message)
  return typeof code === 'number' ? { code, message: text } : { message: text }
}

const INVALID = new Set<number | undefined>([GRPC.invalidArgument, GRPC.outOfRange, GRPC.unimplemented])

function kindOf({ code, message }: SpannerFailure): DatabaseErrorKind {
  if (code === GRPC.alreadyExists) return 'conflict'
  if (code === GRPC.notFound) {
    // An unknown table or session is NOT_FOUND as well; only a missing parent row is about rows.
    if (/parent/i.test(message)) return 'missing'
    return /relation|table|column/i.test(message) ? 'invalid' : 'unavailable'
  }
  if (code === GRPC.failedPrecondition) return /foreign key/i.test(message) ? 'missing' : 'invalid'
  return INVALID.has(code) ? 'invalid' : 'unavailable'
}

function sentence(kind: DatabaseErrorKind, { message }: SpannerFailure): string {
  const index = /index (?<index>\w+)/.exec(message)?.groups?.['index'] ?? 'a primary key'
  const parent = /Parent Table: (?<table>\w+)/.exec(message)?.groups?.['table']
  const sentences: Record<DatabaseErrorKind, string> = {
    conflict: `${index} exists already.`,
    missing: `a row it refers to${parent === undefined ? '' : ` in ${parent}`} is not there.`,
    invalid: refusedBecause(message),
    unavailable: `the database is not available: ${short(message)}`,
  }
  return sentences[kind]
}

/** Messages about values quote them; those about names, syntax and columns do not. */
function refusedBecause(message: string): string {
  const column = /null value for column: (?<column>[\w.]+)/.exec(message)?.groups?.['column']
  if (column !== undefined) return `the value of ${column} was refused.`
  return /column "|relation "|syntax error|not supported|single-use|commit ?timestamp/i.test(message)
    ? short(message)
    : 'a value was refused.'
}

function short(message: string): string {
  const [line = ''] = message.split('\n')
  return line.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX)}…` : line
}
