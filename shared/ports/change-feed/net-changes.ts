import { bytesOf, instantText } from '#shared/ports/database/row-values.ts'
import type { Change } from './change-feed.ts'

/** One row of the trigger-filled table. */
export type RecordedChange = {
  xid: number
  table_name: string
  kind: Change['kind']
  row_image: Record<string, unknown>
  committed_at: string
}

/** How the columns of one table leave JSON, and which of them are its key. */
export type TableShape = { key: readonly string[]; instants: readonly string[]; bytes: readonly string[] }

/**
 * The net change per transaction and row, in the order the rows were first touched: an insert that was updated is an
 * insert of the last values, one that was deleted is nothing, a deleted row that came back is an update.
 */
export function netChanges(recorded: readonly RecordedChange[], shapes: ReadonlyMap<string, TableShape>): Change[] {
  const net = new Map<string, Change | undefined>()
  for (const { xid, table_name: table, kind, row_image: image, committed_at: committedAt } of recorded) {
    const shape = shapes.get(table)
    if (shape === undefined) continue
    const key = shape.key.map(column => image[column])
    const place = JSON.stringify([xid, table, key])
    const before = net.get(place)
    const combined = before === undefined ? kind : combine(before.kind, kind)
    const row = combined === 'delete' ? pick(image, shape.key) : image
    net.set(
      place,
      combined === undefined ? undefined : { table, kind: combined, row: valuesOf(row, shape), committedAt },
    )
  }
  return [...net.values()].filter(change => change !== undefined)
}

function combine(first: Change['kind'], then: Change['kind']): Change['kind'] | undefined {
  if (first === 'insert') return then === 'delete' ? undefined : 'insert'
  if (first === 'delete') return 'update'
  return then
}

function pick(image: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(column => [column, image[column]]))
}

function valuesOf(image: Record<string, unknown>, { instants, bytes }: TableShape): Record<string, unknown> {
  const row = { ...image }
  for (const column of instants) if (typeof row[column] === 'string') row[column] = instantText(row[column])
  for (const column of bytes) if (typeof row[column] === 'string') row[column] = bytesOf(row[column])
  return row
}
