import { posix } from 'node:path'
import { Refusal } from '#shared/domain/refusal.ts'
import type { StoredRendition } from '#shared/domain/provider-event.ts'
import type { Job } from '#shared/service/job-store.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { measureInput, type MeasurePayload } from './measure-job.ts'
import { listStretch, type MeasuredSegment } from './signals-queries.ts'
import { getSourceStream, type SourceStream } from './source-queries.ts'

/** How long the worker may fetch and store with the URLs, in seconds. */
const URL_S = 3_600
/** Largest sheet of small pictures, in bytes. */
const STRIP_BYTES_MAX = 2 * 1024 * 1024
const STRIP_TYPE = 'image/jpeg'
const AUDIO = 'audio'
/** A picture rendition is named by its short side. */
const SIDE = /^(?<side>\d+)p/u

type Stretch = { fromSeq: number; toSeq: number }

/** What the worker needs to measure a stretch of a show: its smallest picture, its sound, and where the strip goes. */
export async function prepareMeasure(deps: ClipsDeps, job: Job): Promise<MeasurePayload> {
  const { from_seq: fromSeq, to_seq: toSeq } = measureInput.parse(job.input)
  const [stream] = await deps.database.read(getSourceStream(job.subjectId))
  const segments = await deps.database.read(listStretch(job.subjectId, fromSeq, toSeq))
  const [first] = segments
  const last = segments.at(-1)
  const smallest = first === undefined ? undefined : smallestPicture(first.renditions)
  if (stream?.provider_stream_id == null || first === undefined || last === undefined || smallest === undefined) {
    throw new Refusal('resource.missing', { detail: 'There is nothing to measure in this stretch of the show.' })
  }
  const zero = zeroOf(stream)
  const audio = segments.every(({ renditions }) => renditions.some(({ name }) => name === AUDIO))
  const key = stripKey(stream.provider_stream_id, { fromSeq, toSeq })
  const url = await deps.store.sign({
    method: 'PUT',
    key,
    expiresInS: URL_S,
    bytesMax: STRIP_BYTES_MAX,
    contentType: STRIP_TYPE,
  })
  return {
    from_ms: Date.parse(first.pdt) - zero,
    to_ms: Date.parse(last.pdt) + last.duration_ms - zero,
    video: await trackOf(deps, segments, smallest),
    audio: audio ? await trackOf(deps, segments, AUDIO) : null,
    strip: { key, url, content_type: STRIP_TYPE },
  }
}

/** Wall clock of a show's start, which places in it count from, in epoch ms. */
export function zeroOf({ started_at, created_at }: Pick<SourceStream, 'started_at' | 'created_at'>): number {
  return Date.parse(started_at ?? created_at)
}

/** Where the small pictures of a stretch lie: among the show's own objects, so that they go with it. */
export function stripKey(playbackId: string, { fromSeq, toSeq }: Stretch): string {
  return `play/${playbackId}/strip/${fromSeq}-${toSeq}.jpg`
}

function smallestPicture(renditions: readonly StoredRendition[]): string | undefined {
  const side = ({ name }: StoredRendition) => Number(SIDE.exec(name)?.groups?.['side'] ?? Number.NaN)
  const pictures = renditions.filter(rendition => !Number.isNaN(side(rendition)))
  return pictures.sort((a, b) => side(a) - side(b))[0]?.name
}

/** One rendition of the segments, with the initialization segment that lies beside them. */
async function trackOf(
  { store }: ClipsDeps,
  segments: readonly MeasuredSegment[],
  name: string,
): Promise<MeasurePayload['video']> {
  const pieces = segments.map(({ epoch, renditions }) => {
    const rendition = renditions.find(each => each.name === name)
    if (rendition === undefined) throw new Refusal('resource.missing', { detail: `A segment has no ${name}.` })
    return { ...rendition, init: posix.join(posix.dirname(rendition.uri), `init-${epoch}.mp4`) }
  })
  const get = (key: string) => store.sign({ method: 'GET', key, expiresInS: URL_S })
  const initKey = pieces[0]?.init ?? ''
  const init = await store.head(initKey)
  if (init === undefined)
    throw new Refusal('resource.missing', { detail: `The ${name} has no initialization segment.` })
  return {
    init: { url: await get(initKey), bytes: init.bytes },
    segments: await Promise.all(pieces.map(async ({ uri, bytes, sha256 }) => ({ url: await get(uri), bytes, sha256 }))),
  }
}
