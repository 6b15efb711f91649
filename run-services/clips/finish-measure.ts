import { z } from 'zod'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import type { Job } from '#shared/service/job-store.ts'
import type { AskedJobs } from '#shared/service/job-routes.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { picksDraft } from './highlight-drafts.ts'
import { measureInput, measureResult } from './measure-job.ts'
import { stripKey } from './prepare-measure.ts'
import { deleteSignals, insertSignals, listSignalsMeeting } from './signals-queries.ts'
import { getSourceStream } from './source-queries.ts'

/** How the row keeps what was measured. */
export const keptSignals = z.object({ loudness_lufs: z.array(z.number()), motion: z.array(z.number()) })
export const keptStrip = measureResult.shape.strip

/**
 * Keeps what a worker measured, in the transaction that ends its job, and asks for picks. A stretch that grew by segments
 * which came late takes the place of what was measured of its parts.
 */
export async function finishMeasure(tx: Transaction, deps: ClipsDeps, job: Job, raw: unknown): Promise<AskedJobs> {
  const { from_ms, to_ms, loudness_lufs, motion, strip } = measureResult.parse(raw)
  const { from_seq, to_seq } = measureInput.parse(job.input)
  const [stream] = await tx.read(getSourceStream(job.subjectId))
  if (stream === undefined) return []
  const meeting = await tx.read(listSignalsMeeting(job.subjectId, from_seq, to_seq))
  const larger = meeting.some(row => row.from_seq <= from_seq && row.to_seq >= to_seq)
  if (larger) return []
  for (const row of meeting) await tx.write(deleteSignals(job.subjectId, row.from_seq))
  const ownStrip = strip?.key === stripKey(stream.provider_stream_id ?? '', { fromSeq: from_seq, toSeq: to_seq })
  await tx.write(
    insertSignals({
      stream_id: job.subjectId,
      from_seq,
      to_seq,
      from_ms: Math.round(from_ms),
      to_ms: Math.round(to_ms),
      signals: json({ loudness_lufs, motion } satisfies z.input<typeof keptSignals>),
      strip: ownStrip ? json(strip) : null,
    }),
  )
  const show = { streamId: job.subjectId, creatorId: stream.creator_id }
  const input = { at_ms: Math.round(from_ms), marked: false, round: 0 }
  return [await deps.jobs.add(tx, picksDraft(show, `signals ${from_seq} ${to_seq}`, input))]
}
