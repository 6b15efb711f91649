import { z } from 'zod'
import type { EventData } from '#shared/domain/domain-event.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { getStreamByProvider, setStreamRecording } from './stream-queries.ts'

/** What is kept of a show's recording on its row. */
export const recordingFacts = z.object({
  state: z.enum(['started', 'ended', 'failed']),
  prefix: z.string(),
  segments: z.int().optional(),
  duration_ms: z.number().optional(),
})

/** Keeps where a recording lies and how it ended; its end is not undone by a late begin. */
export async function noteRecording(tx: Transaction, data: EventData<'provider.recording_state'>): Promise<void> {
  const [stream] = await tx.read(getStreamByProvider(data.provider_stream_id))
  if (stream === undefined) return
  const known = recordingFacts.safeParse(stream.recording)
  if (known.success && known.data.state !== 'started') return
  const { change, prefix, segments, duration_ms } = data
  await tx.write(setStreamRecording(stream.stream_id, json({ state: change, prefix, segments, duration_ms })))
}
