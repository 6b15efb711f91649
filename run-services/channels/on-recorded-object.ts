import type { EventOf } from '#shared/domain/domain-event.ts'
import { getChannelByRef } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { indexMissing } from './index-missing.ts'
import { recordingFacts } from './note-recording.ts'
import { getOpenStream, listRecentStreams, type StreamRow } from './stream-queries.ts'

/** What recordings are made of; playlists and pictures beside it tell nothing new. */
const MEDIA = /\.(?:ts|m4s|mp4)$/u
/** Shows of a channel that a late object may belong to. */
const RECENT_MAX = 10

/**
 * Indexes what a plane that tells of objects alone has recorded: the object says that there is something new, the plane
 * what. Told twice it changes nothing, for a segment is indexed by its number; what is lost is found by the reconciler
 * and when the show is archived.
 */
export async function onRecordedObject(deps: ChannelsDeps, event: EventOf<'provider.object_created'>): Promise<void> {
  const { channel_ref: ref, key } = event.data
  if (ref === undefined || deps.plane.features.segmentEvents !== 'recording' || !MEDIA.test(key)) return
  const [channel] = await deps.database.read(getChannelByRef(ref))
  if (channel === undefined) return
  const stream = await showOf(deps, channel.channel_id, key)
  const recording = stream && (await deps.plane.getRecording(stream.provider_stream_id ?? ''))
  if (stream === undefined || recording === undefined || !key.startsWith(recording.prefix)) return
  await indexMissing(deps, stream, recording.segmentsStored)
}

/** The show whose recording the key lies in; the one on the air while nobody has told where it is recorded. */
async function showOf(deps: ChannelsDeps, channelId: string, key: string): Promise<StreamRow | undefined> {
  const recent = await deps.database.read(listRecentStreams(channelId, RECENT_MAX))
  const told = recent.find(({ recording }) => {
    const facts = recordingFacts.safeParse(recording)
    return facts.success && key.startsWith(facts.data.prefix)
  })
  if (told !== undefined) return told
  const [open] = await deps.database.read(getOpenStream(channelId))
  return open
}
