import { z } from 'zod'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import { findTag, type PlaylistText, readPlaylistText, type ReadSegment } from '#shared/media/hls/playlist-text.ts'
import type { ListedObject, ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { Recording } from './live-channels.ts'

/** A show of IVS whose recording is looked for. */
export type IvsShow = {
  showId: string
  accountId: string
  channelId: string
  startedAtMs: number
  /** Undefined while it is on the air. */
  endedAtMs: number | undefined
}

/** The longest a recording's begin may lie behind its show's, in ms; beyond it the place is not looked at. */
const BEGIN_MS_MAX = 4 * 60_000
/** How far the clocks of IVS's parts may be apart, in ms. */
const SKEW_MS = 2_000
const MINUTE_MS = 60_000
const MS_PER_S = 1_000
/** Largest text that is read: two weeks of playlist. */
const TEXT_BYTES_MAX = 16_000_000
/** Objects of one rendition that are looked at. */
const OBJECTS_MAX = 200_000
/** On IVS each connection is a session of its own. */
const EPOCH = 1
const STARTED = '/events/recording-started.json'
const ENDS = ['events/recording-ended.json', 'events/recording-failed.json'] as const

/** Amazon IVS User Guide, "Auto-Record to Amazon S3", JSON metadata files. */
const startedFile = z.object({
  channel_arn: z.string(),
  recording_started_at: z.string(),
  media: z.object({
    hls: z.object({
      path: z.string(),
      renditions: z.array(z.object({ path: z.string(), playlist: z.string() })).min(1),
    }),
  }),
})

/** Where a show's recording lies and what its begin tells; what is found never changes. */
export type FoundRecording = {
  /** Ends with `/`. */
  prefix: string
  startedAtMs: number
  renditions: readonly { name: string; directory: string; playlist: string }[]
}

/**
 * Looks for a show's recording where IVS puts it: `ivs/v1/<account>/<channel>/<year>/<month>/<day>/<hours>/<minutes>/`,
 * the minute (UTC, no leading zeros) in which the recording began.
 */
export async function findRecording(store: ObjectStore, show: IvsShow): Promise<FoundRecording | undefined> {
  const lastMs = Math.min(show.startedAtMs + BEGIN_MS_MAX, (show.endedAtMs ?? Number.POSITIVE_INFINITY) + SKEW_MS)
  const firstMs = Math.floor((show.startedAtMs - SKEW_MS) / MINUTE_MS) * MINUTE_MS
  for (let minuteMs = firstMs; minuteMs <= lastMs; minuteMs += MINUTE_MS) {
    const prefix = `ivs/v1/${show.accountId}/${show.channelId}/${minutePath(minuteMs)}/`
    for await (const { key } of store.list(prefix)) {
      if (!key.endsWith(STARTED)) continue
      const found = await readStarted(store, key)
      if (found.startedAtMs >= show.startedAtMs - SKEW_MS && found.startedAtMs <= lastMs) return found
    }
  }
  return undefined
}

function minutePath(atMs: number): string {
  const at = new Date(atMs)
  return [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()].join('/')
}

async function readStarted(store: ObjectStore, key: string): Promise<FoundRecording> {
  const file = startedFile.parse(JSON.parse((await readText(store, key)) ?? ''))
  const prefix = key.slice(0, -STARTED.length + 1)
  return {
    prefix,
    startedAtMs: Date.parse(file.recording_started_at),
    renditions: file.media.hls.renditions.map(({ path, playlist }) => {
      const directory = `${prefix}${file.media.hls.path}/${path}/`
      return { name: path, directory, playlist: directory + playlist }
    }),
  }
}

/** What is recorded so far. A segment counts once every rendition has it; of a recording that is over, any. */
export async function recordedSegments(
  store: ObjectStore,
  found: FoundRecording,
): Promise<{ segments: readonly StoredSegment[]; produced: number; complete: boolean }> {
  // Asked first: what is written behind the answer is found by the next look.
  const complete = await isOver(store, found.prefix)
  const renditions = await Promise.all(
    found.renditions.map(async ({ name, directory, playlist }) => {
      const text = await readText(store, playlist)
      const read = text === undefined ? undefined : readPlaylistText(text)
      return { name, directory, read, objects: await objectsOf(store, directory) }
    }),
  )
  const lengths = renditions.map(({ read }) => endOf(read))
  const produced = complete ? Math.max(...lengths) : Math.min(...lengths)
  const segments: StoredSegment[] = []
  let beginMs = found.startedAtMs
  for (let seq = 0; seq < produced; seq += 1) {
    const rows = renditions.flatMap(({ name, directory, read, objects }) => {
      const listed = read?.segments[seq - sequenceOf(read)]
      const object = listed === undefined ? undefined : objects.get(directory + listed.uri)
      return listed === undefined ? [] : [{ name, listed, object }]
    })
    const facts = rows.map(({ listed }) => listed).at(0)
    const pdtMs = pdtOf(facts) ?? beginMs
    const durationMs = durationMsOf(facts)
    beginMs = pdtMs + durationMs
    const stored = rows.flatMap(({ name, object }) =>
      object === undefined || object.bytes === 0
        ? []
        : [{ name, uri: object.key, bytes: object.bytes, etag: object.etag }],
    )
    const enough = complete ? stored.length > 0 : stored.length === renditions.length
    if (!enough || facts === undefined) continue
    segments.push({
      seq,
      epoch: EPOCH,
      pdt: new Date(pdtMs).toISOString(),
      duration_ms: durationMs,
      discontinuity: findTag(facts.tags, 'EXT-X-DISCONTINUITY') !== undefined,
      renditions: stored,
    })
  }
  return { segments, produced, complete }
}

/** The recording as the port tells it. */
export async function recordingFacts(store: ObjectStore, showId: string, found: FoundRecording): Promise<Recording> {
  const { segments, produced, complete } = await recordedSegments(store, found)
  return {
    streamId: showId,
    prefix: found.prefix,
    state: complete ? 'complete' : 'recording',
    segmentsProduced: produced,
    segmentsStored: segments.length,
    durationMs: segments.reduce((sum, segment) => sum + segment.duration_ms, 0),
  }
}

async function isOver(store: ObjectStore, prefix: string): Promise<boolean> {
  const ends = await Promise.all(ENDS.map(async end => await store.head(prefix + end)))
  return ends.some(end => end !== undefined)
}

async function objectsOf(store: ObjectStore, directory: string): Promise<Map<string, ListedObject>> {
  const objects = new Map<string, ListedObject>()
  for await (const object of store.list(directory)) {
    objects.set(object.key, object)
    if (objects.size === OBJECTS_MAX) break
  }
  return objects
}

async function readText(store: ObjectStore, key: string): Promise<string | undefined> {
  const found = await store.get(key)
  if (found === undefined) return undefined
  if (found.bytes > TEXT_BYTES_MAX) throw new Error(`${key} is larger than ${TEXT_BYTES_MAX} bytes.`)
  const parts: Uint8Array[] = []
  for await (const part of found.body) parts.push(part)
  return Buffer.concat(parts).toString('utf8').replaceAll('\r', '')
}

function sequenceOf(read: PlaylistText | undefined): number {
  return Number(findTag(read?.tags ?? [], 'EXT-X-MEDIA-SEQUENCE')?.value ?? 0)
}

function endOf(read: PlaylistText | undefined): number {
  return read === undefined ? 0 : sequenceOf(read) + read.segments.length
}

function pdtOf(segment: ReadSegment | undefined): number | undefined {
  const text = findTag(segment?.tags ?? [], 'EXT-X-PROGRAM-DATE-TIME')?.value
  const atMs = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(atMs) ? undefined : atMs
}

/** At least a millisecond. */
function durationMsOf(segment: ReadSegment | undefined): number {
  const seconds = Number.parseFloat(findTag(segment?.tags ?? [], 'EXTINF')?.value ?? '')
  return Math.max(1, Math.round((Number.isNaN(seconds) ? 0 : seconds) * MS_PER_S))
}
