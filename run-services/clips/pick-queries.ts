import { namedQuery, tables } from '#shared/ports/database/named-query.ts'

const STREAM = 'strm_sample'
const KEY = 'a'.repeat(64)

/** Ranges that were picked and share an instant with that one. */
export const listPicksMeeting = namedQuery(
  'clip-pick.list-meeting',
  [STREAM, 0, 1000],
  (streamId: string, startMs: number, endMs: number) =>
    tables
      .selectFrom('clip_picks')
      .select(['dedupe_key'])
      .where('stream_id', '=', streamId)
      .where('start_ms', '<', endMs)
      .where('end_ms', '>', startMs),
)

/** How many picks have their peak in that range. */
export const countPicks = namedQuery(
  'clip-pick.count',
  [STREAM, 0, 3_600_000],
  (streamId: string, fromMs: number, toMs: number) =>
    tables
      .selectFrom('clip_picks')
      .select(eb => eb.fn.countAll<number>().as('count'))
      .where('stream_id', '=', streamId)
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs),
)

type NewPick = {
  stream_id: string
  start_ms: number
  end_ms: number
  at_ms: number
  dedupe_key: string
  rules_version: number
  settled: boolean
}

export const insertPick = namedQuery(
  'clip-pick.insert',
  [{ stream_id: STREAM, start_ms: 0, end_ms: 1000, at_ms: 500, dedupe_key: KEY, rules_version: 1, settled: false }],
  (pick: NewPick) => tables.insertInto('clip_picks').values(pick),
)

/** The pick that a clip came from. */
export const getPick = namedQuery('clip-pick.get', [STREAM, KEY], (streamId: string, dedupeKey: string) =>
  tables
    .selectFrom('clip_picks')
    .select(['rules_version'])
    .where('stream_id', '=', streamId)
    .where('dedupe_key', '=', dedupeKey),
)

/** Picks from that place on for which nothing is left to be done. */
export const listPicksSettled = namedQuery('clip-pick.list-settled', [STREAM, 0], (streamId: string, fromMs: number) =>
  tables
    .selectFrom('clip_picks')
    .select(['dedupe_key'])
    .where('stream_id', '=', streamId)
    .where('at_ms', '>=', fromMs)
    .where('settled', '=', true),
)

export const settlePick = namedQuery('clip-pick.settle', [STREAM, 0], (streamId: string, startMs: number) =>
  tables
    .updateTable('clip_picks')
    .set({ settled: true })
    .where('stream_id', '=', streamId)
    .where('start_ms', '=', startMs),
)
