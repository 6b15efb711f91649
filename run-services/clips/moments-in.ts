import { z } from 'zod'
import type { ClipMoments, ClipSource } from '#shared/domain/clip.ts'
import type { Reader } from '#shared/ports/database/database.ts'
import { cuesInRange, markersInRange, type SourceStream } from './source-queries.ts'

/** Cues, and markers, that one clip keeps. */
const MOMENTS_MAX = 100

const markerPayload = z.object({ note: z.string().optional() })

/** Cues and markers that lie inside the cut, by their place in it. */
export async function momentsIn(
  reader: Reader,
  { stream_id: streamId, started_at, created_at }: SourceStream,
  { from, to }: Pick<ClipSource, 'from' | 'to'>,
): Promise<ClipMoments> {
  const zero = Date.parse(started_at ?? created_at)
  const startMs = Date.parse(from) - zero
  const endMs = Date.parse(to) - zero
  const [cues, markers] = await Promise.all([
    reader.read(cuesInRange(streamId, startMs, endMs, MOMENTS_MAX)),
    reader.read(markersInRange(streamId, startMs, endMs, MOMENTS_MAX)),
  ])
  return {
    cues: cues.map(({ at_ms, payload }) => ({ at_ms: at_ms - startMs, payload: z.json().parse(payload) })),
    markers: markers.map(({ at_ms, kind, payload }) => {
      const { note } = markerPayload.safeParse(payload).data ?? {}
      return { at_ms: at_ms - startMs, kind, ...(note === undefined ? {} : { note }) }
    }),
  }
}
