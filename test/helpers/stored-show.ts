import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { StoredRendition } from '#shared/domain/provider-event.ts'
import { BoxSplitter, concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { readSamples } from '#shared/media/isobmff/chunk-samples.ts'
import { readTrackHeader } from '#shared/media/isobmff/track-header.ts'
import type { Database } from '#shared/ports/database/database.ts'
import { json, tables } from '#shared/ports/database/named-query.ts'
import type { Parameter } from '#shared/ports/database/named-query.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { MarkedMedia } from './marked-media.ts'

/** A show that is over, as the platform keeps it: rows, and objects that play. */
export type StoredShow = { streamId: string; showId: string; creatorId: string; startedAtMs: number; seconds: number }

export type StoredShowOptions = {
  database: Database
  store: ObjectStore
  media: MarkedMedia
  creatorId: string
  /** Names the show; one database may hold several. */
  name?: string
  /** Wall clock of the first frame. */
  startedAtMs?: number
  /** Of the segment with this number only the row is there. */
  lost?: number
  /** Still on the air: the newest segments come from the origin. */
  live?: boolean
}

const BYTES_MAX = 256 * 1024 * 1024
const run = promisify(execFile)

/** Puts marked media where a recording lies: one picture and the sound, segments of one GOP. */
export async function storedShow(options: StoredShowOptions): Promise<StoredShow> {
  const { database, store, media, creatorId, name = 'a', lost } = options
  const startedAtMs = options.startedAtMs ?? Date.parse('2026-11-21T18:00:00.000Z')
  const showId = `play_${name.repeat(26).slice(0, 26)}`
  const streamId = `strm_${name.repeat(26).slice(0, 26)}`
  const [video, audio] = await Promise.all([cmafOf(media, 'v'), cmafOf(media, 'a')])
  const count = Math.ceil(media.frames / (media.fps * media.gopS))
  await insertShow(database, { streamId, showId, creatorId, startedAtMs, live: options.live ?? false, media })
  const put = async (path: string, bytes: Uint8Array) => {
    const uri = `play/${showId}/${path}`
    const info = await store.put(uri, bytes, { contentType: 'video/mp4' })
    return { uri, bytes: info.bytes, sha256: info.sha256 ?? '' }
  }
  await put(`v1/${media.height}p/init-1.mp4`, video.init)
  await put('v1/audio/init-1.mp4', audio.init)
  for (let seq = 0; seq < count; seq += 1) {
    const fromS = seq * media.gopS
    const pieces = [video, audio].map(track =>
      concatBytes(track.chunks.filter(chunk => chunk.seq === seq).map(c => c.bytes)),
    )
    const [picture = new Uint8Array(), sound = new Uint8Array()] = pieces
    const renditions: StoredRendition[] = [
      { name: `${media.height}p`, ...(await put(`v1/${media.height}p/${seq}.m4s`, picture)) },
      { name: 'audio', ...(await put(`v1/audio/${seq}.m4s`, sound)) },
    ]
    if (seq === lost) await store.delete(renditions.map(({ uri }) => uri))
    await write(
      database,
      tables.insertInto('segments').values({
        stream_id: streamId,
        seq,
        epoch: 1,
        pdt: rfc3339(startedAtMs + fromS * 1000),
        duration_ms: Math.min(media.gopS, media.frames / media.fps - fromS) * 1000,
        discontinuity: seq === 0,
        renditions: json(renditions),
        expires_at: null,
      }),
    )
  }
  return { streamId, showId, creatorId, startedAtMs, seconds: media.frames / media.fps }
}

/** One track as CMAF: its init, and its chunks by the segment they begin in. */
async function cmafOf(media: MarkedMedia, kind: 'v' | 'a') {
  const folder = mkdtempSync(join(tmpdir(), 'showreel-cmaf-'))
  const file = join(folder, 'track.mp4')
  const flags = ['-movflags', '+cmaf+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '200000']
  const map = ['-map', `0:${kind}:0`, '-c', 'copy', '-video_track_timescale', '90000']
  await run('ffmpeg', ['-v', 'error', '-i', media.path, ...map, ...flags, '-f', 'mp4', file])
  const boxes = new BoxSplitter(BYTES_MAX).push(readFileSync(file))
  rmSync(folder, { recursive: true })
  const init = concatBytes(boxes.filter(({ type }) => type === 'ftyp' || type === 'moov').map(({ bytes }) => bytes))
  const header = readTrackHeader(boxes.find(({ type }) => type === 'moov')?.bytes ?? new Uint8Array())
  const media2 = boxes.filter(({ type }) => type === 'moof' || type === 'mdat')
  const chunks: { seq: number; bytes: Uint8Array }[] = []
  for (let at = 0; at + 1 < media2.length; at += 2) {
    const bytes = concatBytes([media2[at]?.bytes ?? new Uint8Array(), media2[at + 1]?.bytes ?? new Uint8Array()])
    const first = readSamples(bytes, header)[0]?.time ?? 0
    chunks.push({ seq: Math.floor((first / header.timescale + 0.001) / media.gopS), bytes })
  }
  return { init, chunks }
}

type NewShow = {
  streamId: string
  showId: string
  creatorId: string
  startedAtMs: number
  live: boolean
  media: MarkedMedia
}

async function insertShow(database: Database, { streamId, showId, creatorId, startedAtMs, live, media }: NewShow) {
  const started = rfc3339(startedAtMs)
  const ended = rfc3339(startedAtMs + (media.frames / media.fps) * 1000)
  await write(
    database,
    tables
      .insertInto('creators')
      .values({ creator_id: creatorId, handle: creatorId.slice(-8), display_name: 'Alice' })
      .onConflict(conflict => conflict.column('creator_id').doNothing()),
  )
  await write(
    database,
    tables.insertInto('streams').values({
      stream_id: streamId,
      creator_id: creatorId,
      channel_id: `chan_${createHash('sha256').update(streamId).digest('hex').slice(0, 26)}`,
      program_id: null,
      title: 'Marked media',
      state: live ? 'live' : 'archived',
      reason: null,
      epoch: 1,
      provider_stream_id: showId,
      live_channel_id: null,
      live_shard: live ? 0 : null,
      started_at: started,
      ended_at: live ? null : ended,
      reconnect_until: null,
      health: null,
      recording: null,
      archive: null,
      asset_id: null,
      created_at: started,
    }),
  )
}

async function write(
  database: Database,
  query: { compile(): { sql: string; parameters: readonly unknown[] } },
): Promise<void> {
  const { sql, parameters } = query.compile()
  const statement = { name: 'test.stored-show', sql, parameters: parameters as readonly Parameter[] }
  await database.transaction(async tx => void (await tx.write(statement)))
}
