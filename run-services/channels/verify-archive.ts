import { createHash } from 'node:crypto'
import type { WorkerHandler } from '#shared/service/worker-loop.ts'
import {
  ARCHIVE_LOST_MAX,
  ARCHIVE_START,
  archivePayload,
  archiveProgress,
  type ArchiveLoss,
  type ArchivePayload,
  type ArchiveProgress,
  type ArchiveResult,
} from './archive-job.ts'

/** Segments between two checkpoints: what a killed worker's successor reads again at most. */
const CHECKPOINT_SEGMENTS = 20
/** Longest time for one object, in ms. */
const OBJECT_MS_MAX = 60_000

type Rendition = ArchivePayload['segments'][number]['renditions'][number]

/**
 * Reads every object of its part of a recording and compares size and digest, or etag; checkpoints as it goes. An object that is
 * not there or differs is a loss and is named; a store that does not answer fails the job, to be tried again.
 */
export const verifyArchive: WorkerHandler = async (job, context): Promise<ArchiveResult> => {
  const { segments, absent, next_seq } = archivePayload.parse(job.payload)
  const earlier = archiveProgress.safeParse(job.checkpoint)
  let progress: ArchiveProgress = earlier.success ? earlier.data : ARCHIVE_START
  for (const [index, segment] of segments.entries()) {
    const losses: ArchiveLoss[] = []
    let bytes = 0
    for (const rendition of segment.renditions) {
      const problem = await examine(rendition, context.signal)
      if (problem === undefined) bytes += rendition.bytes
      else losses.push({ seq: segment.seq, rendition: rendition.name, problem })
    }
    progress = {
      next_seq: segment.seq + 1,
      segments: progress.segments + 1,
      bytes: progress.bytes + bytes,
      lost: [...progress.lost, ...losses].slice(0, ARCHIVE_LOST_MAX),
    }
    if ((index + 1) % CHECKPOINT_SEGMENTS === 0) await context.save(progress)
  }
  return { ...progress, absent, go_on: next_seq }
}

async function examine(rendition: Rendition, signal: AbortSignal): Promise<ArchiveLoss['problem'] | undefined> {
  const response = await fetch(rendition.url, {
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(OBJECT_MS_MAX)]),
  })
  if (response.status === 404) {
    await response.body?.cancel()
    return 'missing'
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw new Error(`The object store answered ${response.status}.`)
  }
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > rendition.bytes) break
    digest.update(chunk)
  }
  if (bytes !== rendition.bytes) return 'size'
  const same =
    rendition.sha256 === undefined
      ? rendition.etag === undefined || response.headers.get('etag') === rendition.etag
      : digest.digest('hex') === rendition.sha256
  return same ? undefined : 'digest'
}
