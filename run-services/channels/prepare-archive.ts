import { Refusal } from '#shared/domain/refusal.ts'
import { mayMove, STREAM_MOVES } from '#shared/domain/state-machine.ts'
import { json } from '#shared/ports/database/named-query.ts'
import type { Job } from '#shared/service/job-store.ts'
import {
  ARCHIVE_LOST_MAX,
  ARCHIVE_SEGMENTS_MAX,
  archiveInput,
  archiveProgress,
  type ArchivePayload,
} from './archive-job.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { indexMissing } from './index-missing.ts'
import { countSegments, listSegments } from './segment-queries.ts'
import { getStream, setStreamArchive, type StreamRow } from './stream-queries.ts'
import { recordingOf } from './stream-ledger.ts'

/** How long the worker may fetch with the URLs, in seconds. */
const URL_S = 3_600
const ASK_AGAIN_S = 5

/**
 * What the worker needs to verify one part of a finished recording: first every stored segment is indexed, then the part's
 * objects are signed. Throws `service.unavailable` while the plane still writes the recording.
 */
export async function prepareArchive(deps: ChannelsDeps, job: Job): Promise<ArchivePayload> {
  const [stream] = await deps.database.read(getStream(job.subjectId))
  if (stream === undefined) throw new Refusal('resource.missing', { detail: 'The stream is gone.' })
  const recording = await recordingOf(deps, stream)
  if (!recording.complete) {
    throw new Refusal('service.unavailable', {
      detail: 'The recording is still being written.',
      retryAfterS: ASK_AGAIN_S,
    })
  }
  await indexMissing(deps, stream, recording.stored)
  await beginArchiving(deps, stream)
  const { from_seq: fromSeq } = archiveInput.parse(job.input)
  const rows = await deps.database.read(listSegments(stream.stream_id, fromSeq, ARCHIVE_SEGMENTS_MAX))
  const [count] = await deps.database.read(countSegments(stream.stream_id))
  const end = Math.max(recording.produced, (count?.last ?? -1) + 1)
  const full = rows.length === ARCHIVE_SEGMENTS_MAX
  const to = full ? (rows.at(-1)?.seq ?? fromSeq) + 1 : end
  const read = archiveProgress.safeParse(job.checkpoint)
  const wanted = rows.filter(({ seq }) => !read.success || seq >= read.data.next_seq)
  const segments = await Promise.all(
    wanted.map(async ({ seq, renditions }) => ({
      seq,
      renditions: await Promise.all(
        renditions.map(async ({ name, uri, bytes, sha256, etag }) => {
          const url = await deps.store.sign({ method: 'GET', key: uri, expiresInS: URL_S })
          return { name, url, bytes, sha256, etag }
        }),
      ),
    })),
  )
  return { segments, absent: absentBetween(fromSeq, to, rows), next_seq: full && to < end ? to : null }
}

function absentBetween(from: number, to: number, rows: readonly { seq: number }[]): number[] {
  const there = new Set(rows.map(({ seq }) => seq))
  const absent: number[] = []
  for (let seq = from; seq < to && absent.length < ARCHIVE_LOST_MAX; seq += 1) if (!there.has(seq)) absent.push(seq)
  return absent
}

async function beginArchiving(deps: ChannelsDeps, { stream_id: streamId }: StreamRow): Promise<void> {
  await deps.database.transaction(async tx => {
    const [stream] = await tx.read(getStream(streamId))
    if (stream === undefined || !mayMove(STREAM_MOVES, stream.state, 'archiving')) return
    await tx.write(
      setStreamArchive(streamId, { state: 'archiving', archive: json(stream.archive), reason: stream.reason }),
    )
  })
}
