import type { z } from '@hono/zod-openapi'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import type { CursorValues, Page, PageCursors } from '#shared/service/page-cursor.ts'
import type { FeedItem, relatedQuery } from './feed-answer.ts'
import type { FeedDeps } from './feed-deps.ts'
import { FIRST_CLIP, FIRST_MADE, FIRST_TERM } from './feed-places.ts'
import { clipsByRank } from './feed-queries.ts'
import { missingItem } from './missing-item.ts'
import { pageOfWalk, startOfWalk } from './page-of-walk.ts'
import { clipsOfCreator, clipsOfShow, creatorOfShow, kinshipOf, type MadePlace } from './related-queries.ts'
import { clipsByTerm } from './search-queries.ts'
import { foldTag, queryTerms } from './search-words.ts'
import type { Step, StepSource } from './walk-sources.ts'

/** Tags of a clip that lead to others. */
const TAGS_MAX = 3

/** What others are compared with. */
type Subject = { clipId: string | undefined; streamId: string; creatorId: string; tags: readonly string[] }
type Kin = { clip_id: string; stream_id: string; creator_id: string; tags: string[]; feed_rank: number | null }
type Query = z.output<typeof relatedQuery> & { limit: number; cursor?: string | undefined }

/**
 * Clips that go with a clip or a show: of the same show, then with the same tags, then of the same creator, then the
 * rest of the feed. A clip belongs to the first group that fits, so it comes once.
 */
export async function relatedClips(deps: FeedDeps, cursors: PageCursors, query: Query): Promise<Page<FeedItem>> {
  const { clip, stream, limit, cursor } = query
  const subject = await subjectOf(deps.database, clip, stream)
  const scope = `related ${subject.clipId ?? ''} ${subject.streamId}`
  const sources = [
    ofShow(deps.database, subject),
    ...subject.tags.map((tag, index) => byTag(deps.database, subject, tag, index)),
    ofCreator(deps.database, subject),
    theRest(deps.database, subject),
  ]
  return pageOfWalk(deps, sources, { cursors, scope, limit, start: startOfWalk(cursors, scope, cursor) })
}

async function subjectOf(reader: Reader, clip: string | undefined, stream: string | undefined): Promise<Subject> {
  if ((clip === undefined) === (stream === undefined)) {
    throw new Refusal('request.invalid', { detail: 'Name a clip or a stream.', param: 'clip' })
  }
  if (clip !== undefined) {
    const [row] = await reader.read(kinshipOf([clip]))
    if (row === undefined || row.feed_rank === null) throw missingItem()
    const tags = [...new Set(row.tags.map(foldTag))].filter(tag => tag !== '').slice(0, TAGS_MAX)
    return { clipId: row.clip_id, streamId: row.stream_id, creatorId: row.creator_id, tags }
  }
  const [row] = await reader.read(creatorOfShow(stream ?? ''))
  if (row === undefined) throw missingItem()
  return { clipId: undefined, streamId: row.stream_id, creatorId: row.creator_id, tags: [] }
}

/** Which group a published clip belongs to; undefined for the subject itself and for what is not public. */
function groupOf({ clipId, streamId, creatorId, tags }: Subject, kin: Kin): string | undefined {
  if (kin.feed_rank === null || kin.clip_id === clipId) return undefined
  if (kin.stream_id === streamId) return 'show'
  const own = kin.tags.map(foldTag)
  const shared = tags.findIndex(tag => own.includes(tag))
  if (shared >= 0) return `tag ${shared}`
  return kin.creator_id === creatorId ? 'creator' : 'rest'
}

function stepOf(subject: Subject, group: string, kin: Kin | undefined, place: CursorValues): Step {
  if (kin === undefined || groupOf(subject, kin) !== group) return { place }
  return { place, key: { kind: 'clip', id: kin.clip_id } }
}

const madePlace = (after: CursorValues | undefined): MadePlace =>
  after === undefined ? FIRST_MADE : { created_at: String(after[0]), clip_id: String(after[1]) }

function ofShow(reader: Reader, subject: Subject): StepSource {
  return async (after, count) => {
    const rows = await reader.read(clipsOfShow(subject.streamId, madePlace(after), count))
    return rows.map(row => stepOf(subject, 'show', row, [row.created_at, row.clip_id]))
  }
}

function ofCreator(reader: Reader, subject: Subject): StepSource {
  return async (after, count) => {
    const rows = await reader.read(clipsOfCreator(subject.creatorId, madePlace(after), count))
    return rows.map(row => stepOf(subject, 'creator', row, [row.created_at, row.clip_id]))
  }
}

function byTag(reader: Reader, subject: Subject, tag: string, index: number): StepSource {
  const [term = ''] = queryTerms(tag)
  return async (after, count) => {
    const place = after === undefined ? FIRST_TERM : { rank: Number(after[0]), clip_id: String(after[1]) }
    const rows = await reader.read(clipsByTerm(term, place, count))
    const kin = await kinById(reader, rows)
    return rows.map(({ clip_id, rank }) => stepOf(subject, `tag ${index}`, kin.get(clip_id), [rank, clip_id]))
  }
}

function theRest(reader: Reader, subject: Subject): StepSource {
  return async (after, count) => {
    const place = after === undefined ? FIRST_CLIP : { feed_rank: Number(after[0]), clip_id: String(after[1]) }
    const rows = await reader.read(clipsByRank(place, count))
    const kin = await kinById(reader, rows)
    return rows.map(({ clip_id, feed_rank }) => stepOf(subject, 'rest', kin.get(clip_id), [feed_rank, clip_id]))
  }
}

async function kinById(reader: Reader, rows: readonly { clip_id: string }[]): Promise<Map<string, Kin>> {
  const kin = rows.length === 0 ? [] : await reader.read(kinshipOf(rows.map(({ clip_id }) => clip_id)))
  return new Map(kin.map(row => [row.clip_id, row]))
}
