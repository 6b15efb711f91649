import type { TimelineItem } from '../api/api-routes.ts'

export type TimelineRow = TimelineItem & { /** How many events of this type the row stands for. */ count: number }

/** The events as lines to read: segments that follow each other become one line with their number. */
export function timelineRows(items: readonly TimelineItem[]): TimelineRow[] {
  const rows: TimelineRow[] = []
  for (const item of items) {
    const last = rows[rows.length - 1]
    if (item.type === 'segment.finalized' && last?.type === item.type) last.count += 1
    else rows.push({ ...item, count: 1 })
  }
  return rows
}
