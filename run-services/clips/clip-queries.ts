import type { Insertable, Selectable } from 'kysely'
import type { ClipState } from '#shared/domain/state-machine.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import type { Tables } from '#shared/ports/database/tables.ts'

export type ClipRow = Selectable<Tables['clips']>
export type ClipFileRow = Selectable<Tables['clip_renditions']>
/** A clip with the name of its show's creator. */
export type NamedClipRow = ClipRow & { handle: string; display_name: string }

const CLIP = 'clip_sample'
const CREATOR = 'crtr_sample'
const STREAM = 'strm_sample'
const JOB = 'a'.repeat(64)
const TIME = '2026-01-01T00:00:00.000Z'

export type NewClip = Insertable<Tables['clips']>

/** Gives the id only when the clip was not there yet; a pick's second insert breaks the unique key instead. */
export const insertClip = namedQuery(
  'clip.insert',
  [
    {
      clip_id: CLIP,
      creator_id: CREATOR,
      stream_id: STREAM,
      playback_id: 'play_sample',
      origin: 'person' as const,
      requested_by: CREATOR,
      dedupe_key: null,
      title: 'A clip',
      tags: [],
      start_ms: 0,
      end_ms: 1000,
      crop: '"follow"',
      presets: [],
      marquee: false,
      publish_when_ready: true,
      needs_review: false,
      state: 'requested' as const,
      shard: 0,
      score: null,
      reasons: '[]',
      uncut_since: TIME,
      created_at: TIME,
    },
  ],
  (clip: NewClip) =>
    tables
      .insertInto('clips')
      .values(clip)
      .onConflict(conflict => conflict.column('clip_id').doNothing())
      .returning('clip_id'),
)

export const getClip = namedQuery('clip.get', [CLIP], (clipId: string) => named().where('clips.clip_id', '=', clipId))

export const getClipByDedupe = namedQuery('clip.get-by-dedupe', [JOB], (dedupeKey: string) =>
  named().where('clips.dedupe_key', '=', dedupeKey),
)

/** Clips with the names of their creators. */
export const named = () =>
  tables
    .selectFrom('clips')
    .innerJoin('creators', 'creators.creator_id', 'clips.creator_id')
    .selectAll('clips')
    .select(['creators.handle', 'creators.display_name'])

export type ClipFilter = {
  stream?: string | undefined
  creator?: string | undefined
  requestedBy?: string | undefined
  state?: ClipState | undefined
}

/** Newest first, from after that place on; `deleted` ones are told only when they are asked for. */
export const listClipRows = namedQuery(
  'clip.list',
  [{ stream: STREAM, creator: CREATOR, state: 'published' }, TIME, CLIP, 21],
  ({ stream, creator, requestedBy, state }: ClipFilter, time: string, id: string, limit: number) => {
    let query = named()
    if (stream !== undefined) query = query.where('clips.stream_id', '=', stream)
    if (creator !== undefined) query = query.where('clips.creator_id', '=', creator)
    if (requestedBy !== undefined) query = query.where('clips.requested_by', '=', requestedBy)
    query = state === undefined ? query.where('clips.state', '<>', 'deleted') : query.where('clips.state', '=', state)
    return query
      .where(eb =>
        eb.or([
          eb('clips.created_at', '<', time),
          eb.and([eb('clips.created_at', '=', time), eb('clips.clip_id', '<', id)]),
        ]),
      )
      .orderBy('clips.created_at', 'desc')
      .orderBy('clips.clip_id', 'desc')
      .limit(limit)
  },
)

export const countClipsSince = namedQuery('clip.count-since', [CREATOR, TIME], (requester: string, since: string) =>
  tables
    .selectFrom('clips')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('requested_by', '=', requester)
    .where('created_at', '>=', since),
)

export type ClipChanges = {
  state?: ClipState
  reason?: string | null
  title?: string
  tags?: string[]
  start_ms?: number
  end_ms?: number
  crop?: string
  presets?: string[]
  marquee?: boolean
  needs_review?: boolean
  source?: string
  moments?: string
  media_version?: number
  render_job?: string | null
  review_since?: string | null
  uncut_since?: string | null
  published_at?: string | null
  feed_rank?: number | null
  purge_at?: string | null
}

/** Changes only the version that was read; gives the id when it did. */
export const updateClip = namedQuery(
  'clip.update',
  [
    CLIP,
    1,
    {
      state: 'playable',
      reason: null,
      title: 'A clip',
      tags: [],
      start_ms: 0,
      end_ms: 1000,
      crop: '"follow"',
      presets: [],
      source: '{}',
      moments: '{}',
      media_version: 1000,
      render_job: JOB,
      review_since: TIME,
      uncut_since: null,
      published_at: TIME,
      feed_rank: 1,
      purge_at: null,
    },
  ],
  (clipId: string, version: number, changes: ClipChanges) =>
    tables
      .updateTable('clips')
      .set({ ...changes, version: version + 1 })
      .where('clip_id', '=', clipId)
      .where('version', '=', version)
      .returning('clip_id'),
)

export const listFiles = namedQuery('clip-file.list', [CLIP], (clipId: string) =>
  tables.selectFrom('clip_renditions').selectAll().where('clip_id', '=', clipId).orderBy('rendition'),
)

/** Files of several clips at once. */
export const listFilesOf = namedQuery('clip-file.list-of', [[CLIP]], (clipIds: readonly string[]) =>
  tables
    .selectFrom('clip_renditions')
    .selectAll()
    .where('clip_id', 'in', clipIds.length === 0 ? [''] : [...clipIds])
    .orderBy('clip_id')
    .orderBy('rendition'),
)

/** Everything but the cut. */
export const deleteRendered = namedQuery('clip-file.delete-rendered', [CLIP], (clipId: string) =>
  tables.deleteFrom('clip_renditions').where('clip_id', '=', clipId).where('rendition', '<>', 'cut'),
)

export const deleteFiles = namedQuery('clip-file.delete', [CLIP], (clipId: string) =>
  tables.deleteFrom('clip_renditions').where('clip_id', '=', clipId),
)

type NewFile = Insertable<Tables['clip_renditions']>

export const insertFile = namedQuery(
  'clip-file.insert',
  [
    {
      clip_id: CLIP,
      rendition: 'cut',
      uri: 'play/play_sample/v1000/cut.mp4',
      content_type: 'video/mp4',
      bytes: 1,
      sha256: JOB,
      width: 320,
      height: 180,
      duration_ms: 1000,
      frames: 30,
    },
  ],
  (file: NewFile) => tables.insertInto('clip_renditions').values(file),
)

export const insertClipPlayback = namedQuery(
  'clip.insert-playback',
  ['play_sample', CLIP],
  (playbackId: string, clipId: string) =>
    tables
      .insertInto('playback_ids')
      .values({ playback_id: playbackId, target_kind: 'clip', target_id: clipId, policy: 'public' })
      .onConflict(conflict => conflict.column('playback_id').doNothing()),
)

export const deleteClipPlayback = namedQuery('clip.delete-playback', ['play_sample'], (playbackId: string) =>
  tables.deleteFrom('playback_ids').where('playback_id', '=', playbackId).where('target_kind', '=', 'clip'),
)

/** Who owns the objects under a playback id: a clip, or a show of the plane. */
export const ownersOf = namedQuery('clip.owners-of', ['play_sample'], (playbackId: string) =>
  tables.selectFrom('playback_ids').selectAll().where('playback_id', '=', playbackId),
)

export const streamOfShow = namedQuery('clip.stream-of-show', ['play_sample'], (showId: string) =>
  tables.selectFrom('streams').select('stream_id').where('provider_stream_id', '=', showId),
)
