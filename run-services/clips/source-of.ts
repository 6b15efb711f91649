import { Refusal } from '#shared/domain/refusal.ts'
import type { NamedClipRow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { getSourceStream, type SourceStream } from './source-queries.ts'

/** The show, for a clip that was asked for earlier. */
export async function sourceOf(deps: Pick<ClipsDeps, 'database'>, clip: NamedClipRow): Promise<SourceStream> {
  const [stream] = await deps.database.read(getSourceStream(clip.stream_id))
  if (stream === undefined) throw new Refusal('resource.missing', { detail: 'The show of this clip is gone.' })
  return stream
}
