/** PostgreSQL's type numbers (pg_type.oid) whose text form every engine reads alike. */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int4: 23,
  float8: 701,
  timestamptz: 1184,
  jsonb: 3802,
  xid8: 5069,
} as const

/** An instant as PostgreSQL prints it in UTC, or as its JSON does, as RFC 3339 with milliseconds. */
export function instantText(text: string): string {
  return new Date(text.replace(' ', 'T').replace(/\+00(?::00)?$/, 'Z')).toISOString()
}

/** bytea in hex form. */
export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

/** Text of a column to the value `Reader` promises, by type number; text types come as they are. */
export const ROW_VALUES: Readonly<Record<number, (text: string) => unknown>> = {
  [OID.bool]: text => text === 't' || text === 'true',
  [OID.bytea]: bytesOf,
  [OID.int8]: Number,
  [OID.int4]: Number,
  [OID.float8]: Number,
  [OID.timestamptz]: instantText,
  [OID.jsonb]: text => JSON.parse(text) as unknown,
  [OID.xid8]: Number,
}
