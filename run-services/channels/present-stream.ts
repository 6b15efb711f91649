import { z } from 'zod'
import type { MediaFacts } from '#shared/domain/provider-event.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { getChannel } from './channel-queries.ts'
import { livePlayback } from './live-playback.ts'
import { recordedPlayback } from './recorded-playback.ts'
import type { StreamAnswer } from './stream-answer.ts'
import { isOpen } from './stream-life.ts'
import type { PresentedRow } from './stream-queries.ts'

/** The verified archive on a show's row; `next_seq` is where verification goes on. */
export const archiveFacts = z.object({
  segments: z.int(),
  bytes: z.number(),
  lost: z.array(z.int()),
  next_seq: z.int(),
})

/** A show as the API answers it. */
export async function presentStream(
  deps: Pick<ChannelsDeps, 'settings' | 'plane' | 'database'>,
  row: PresentedRow,
  media: MediaFacts | null,
): Promise<StreamAnswer> {
  const open = isOpen(row.state)
  const id = row.provider_stream_id ?? row.stream_id
  const archive = archiveFacts.safeParse(row.archive)
  const done = archive.success && (row.state === 'archived' || row.state === 'failed')
  return {
    id: row.stream_id,
    channel_id: row.channel_id,
    creator: { id: row.creator_id, handle: row.handle, display_name: row.display_name },
    title: row.title,
    state: row.state,
    epoch: row.epoch,
    playback: open
      ? await livePlayback(deps, id, async () => (await deps.database.read(getChannel(row.channel_id)))[0])
      : recordedPlayback(deps, id, row),
    started_at: row.started_at,
    ended_at: row.ended_at,
    duration_ms: durationMs(row.started_at, row.ended_at),
    reconnect_until: row.reconnect_until,
    media,
    health_level: open ? (row.health?.level ?? null) : null,
    reason: row.reason,
    archive: done ? { segments: archive.data.segments, lost: archive.data.lost } : null,
  }
}

function durationMs(startedAt: string | null, endedAt: string | null): number | null {
  return startedAt === null || endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt))
}
