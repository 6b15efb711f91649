import type { Change } from './change-feed.ts'
import type { TableShape } from './net-changes.ts'

/** A partition that goes on, from an instant, where others end. */
export type ChildPartition = { token: string; from: string; parents: readonly string[] }

/** One record of a change stream; `at` is an RFC 3339 instant of Spanner's own precision, ending in Z. */
export type ChangeRecord =
  | {
      kind: 'data'
      at: string
      /** Distinguishes transactions of one instant. */
      transaction: string
      /** Whether the partition has no more of this transaction. */
      last: boolean
      table: string
      change: Change['kind']
      /** Columns as `Reader` gives them. */
      rows: readonly Readonly<Record<string, unknown>>[]
      shape: TableShape
    }
  /** Everything committed up to `at` has been told. */
  | { kind: 'heartbeat'; at: string }
  /** The partition ends here. */
  | { kind: 'children'; children: readonly ChildPartition[] }

type Json = Record<string, unknown>
type ColumnType = { name: string; is_primary_key: boolean; type: { code: string } }
type Mod = { keys: Json; new_values: Json }

const KINDS: Readonly<Record<string, Change['kind']>> = { INSERT: 'insert', UPDATE: 'update', DELETE: 'delete' }
/** What a commit timestamp column reads before its transaction has a time. */
const NOT_YET = '9999-12-31T23:59:59'

/** Reads one row of `spanner.read_json_<stream>`; throws on a record it does not know, so that none is passed over. */
export function changeRecord(value: unknown): ChangeRecord {
  const { data_change_record: data, heartbeat_record: heartbeat, child_partitions_record: children } = value as Json
  if (data !== undefined) return dataRecord(data as Json)
  if (heartbeat !== undefined) return { kind: 'heartbeat', at: zulu((heartbeat as Json)['timestamp']) }
  if (children === undefined) throw new Error(`A change stream told of ${Object.keys(value as Json).join()}.`)
  const { start_timestamp: from, child_partitions: list } = children as Json
  return {
    kind: 'children',
    children: (list as Json[]).map(child => ({
      token: String(child['token']),
      from: zulu(from),
      parents: child['parent_partition_tokens'] as string[],
    })),
  }
}

function dataRecord(data: Json): ChangeRecord {
  const change = KINDS[String(data['mod_type'])]
  if (change === undefined) throw new Error(`A change stream told of the change ${String(data['mod_type'])}.`)
  const columns = data['column_types'] as ColumnType[]
  const types = new Map(columns.map(({ name, type }) => [name, type.code]))
  const key = columns.filter(column => column.is_primary_key).map(({ name }) => name)
  const at = zulu(data['commit_timestamp'])
  const rowOf = ({ keys, new_values: values }: Mod): Json => {
    const entries = Object.entries({ ...keys, ...values })
    return Object.fromEntries(entries.map(([name, value]) => [name, columnValue(value, types.get(name), at)]))
  }
  return {
    kind: 'data',
    at,
    transaction: `${at} ${String(data['server_transaction_id'])}`,
    last: data['is_last_record_in_transaction_in_partition'] === true,
    table: String(data['table_name']),
    change,
    rows: (data['mods'] as Mod[]).map(rowOf),
    shape: { key, instants: [], bytes: [] },
  }
}

/** A value as the stream's JSON has it: all but booleans, doubles and lists are text. */
function columnValue(value: unknown, type: string | undefined, committedAt: string): unknown {
  if (typeof value !== 'string') return value
  if (type === 'INT64') return Number(value)
  if (type === 'JSON') return JSON.parse(value) as unknown
  if (type === 'BYTES') return new Uint8Array(Buffer.from(value, 'base64'))
  if (type !== 'TIMESTAMP') return value
  return new Date(value.startsWith(NOT_YET) ? committedAt : value).toISOString()
}

/** Change streams write UTC as an offset and take it only as Z. */
function zulu(instant: unknown): string {
  return String(instant).replace(/[+-]00:00$/, 'Z')
}
