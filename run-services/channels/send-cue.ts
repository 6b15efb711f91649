import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId, newId } from '#shared/domain/id.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { appendEvent } from '#shared/service/outbox.ts'
import type { Principal } from '#shared/service/principal.ts'
import { streamFacts } from './apply-fact.ts'
import { getChannel } from './channel-queries.ts'
import { SOURCE, type ChannelsDeps } from './channels-deps.ts'
import { insertCue } from './marker-queries.ts'
import { ownStream } from './own-stream.ts'
import { CUE_BYTES_MAX, type CueAnswer, type sendCueBody } from './stream-answer.ts'

/**
 * Places a cue at the live edge of the show and tells of it. Throws `stream.not-live` unless the show is on the air, and
 * `cue.too-large` over 1 KB of JSON.
 */
export async function sendCue(
  deps: ChannelsDeps,
  principal: Principal,
  streamId: string,
  { payload }: z.output<typeof sendCueBody>,
  retryToken: string | undefined,
): Promise<CueAnswer> {
  const text = JSON.stringify(payload)
  const bytes = Buffer.byteLength(text)
  if (bytes > CUE_BYTES_MAX) {
    throw new Refusal('cue.too-large', { detail: `The cue has ${bytes} bytes of JSON.`, param: '/payload' })
  }
  const stream = await ownStream(deps.database, principal, streamId)
  const [channel] = await deps.database.read(getChannel(stream.channel_id))
  if (stream.state !== 'live' || channel?.provider_ref == null) {
    throw new Refusal('stream.not-live', { detail: `The stream is ${stream.state}.`, extra: { state: stream.state } })
  }
  const { placedAt } = await deps.plane.putMetadata(channel.provider_ref, text)
  const at = rfc3339(Date.parse(placedAt))
  const id =
    retryToken === undefined
      ? newId('cue', deps.random)
      : derivedId('cue', createHash('sha256').update(`cue ${retryToken}`).digest())
  const atMs = Math.max(0, Date.parse(at) - Date.parse(stream.started_at ?? at))
  const facts = streamFacts(stream, streamId, stream.provider_stream_id ?? '', stream.epoch)
  await deps.database.transaction(async tx => {
    await tx.write(insertCue({ stream_id: streamId, at_ms: Math.round(atMs), cue_id: id, payload: json(payload) }))
    await appendEvent(
      tx,
      {
        source: SOURCE,
        type: 'cue.sent',
        subject: streamId,
        epoch: stream.epoch,
        mediatime: at,
        data: { ...facts, cue_id: id, at_ms: atMs, payload: z.json().parse(payload) },
      },
      deps,
    )
  })
  return { id, stream_id: streamId, at_ms: atMs, placed_at: at, payload }
}
