import type { Parameter, Statement } from './named-query.ts'

/** Type codes of the parameters of a statement, by `p1`, `p2` …, as the engine infers them. */
export type ParameterTypes = Readonly<Record<string, string>>

type WireValue = Record<string, unknown>

/** The one type whose whole numbers travel as numbers and not as text. */
const DOUBLE = 'FLOAT64'
const INSTANT = 'TIMESTAMP'

/** Whether the values can only be written once the engine has said what it takes them for. */
export function needsTypes({ parameters }: Statement<unknown>): boolean {
  return parameters.some(value => typeof value === 'number' || isForeignInstant(value))
}

/**
 * The statement with its values as Spanner's protocol carries them, none of them typed: the engine infers each type from
 * its place in the text, as PostgreSQL does, so that both run the same text.
 */
export function spannerParameters(
  { parameters }: Statement<unknown>,
  types: ParameterTypes = {},
): { fields: Record<string, WireValue> } {
  const fields = parameters.map((value, index) => {
    const name = `p${index + 1}`
    return [name, wireValue(value, types[name])] as const
  })
  return { fields: Object.fromEntries(fields) }
}

function wireValue(value: Parameter, type: string | undefined): WireValue {
  if (value === null) return { nullValue: 'NULL_VALUE' }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return type === DOUBLE || !Number.isSafeInteger(value) ? { numberValue: value } : { stringValue: String(value) }
  }
  if (value instanceof Uint8Array) return { stringValue: Buffer.from(value).toString('base64') }
  if (typeof value === 'string') {
    const instant = type === INSTANT && isForeignInstant(value)
    return { stringValue: instant ? new Date(value).toISOString() : value }
  }
  return { listValue: { values: value.map(member => ({ stringValue: member })) } }
}

/** An instant of another offset than Z, the only one the protocol takes. */
function isForeignInstant(value: Parameter): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d$/.test(value)
}

/** A value of the client, numbers wrapped, as `Reader` promises it. */
export function readerValue(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(readerValue)
  // The client's instants carry nanoseconds; JavaScript's own have the milliseconds that are promised.
  if (value instanceof Date) return new Date(value.getTime()).toISOString()
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if ('value' in value) return wrapped(value.value, value.constructor.name)
  return value
}

/** Numbers and documents come in wrappers of the client, which names their types by its classes alone. */
function wrapped(inner: unknown, wrapper: string): unknown {
  return wrapper === 'PGJsonb' ? inner : Number(inner)
}
