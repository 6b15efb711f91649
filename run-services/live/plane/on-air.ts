import type { FoundShow } from '../origin/origin.ts'
import type { ShowReader } from '../packager/show-reader.ts'

/** Ended shows remembered by their channel's playback id, so that players that were on it find the recording. */
const ENDED_MAX = 10_000

/** What viewers can read from memory, by playback id: a stream's own, and its channel's while it is on air. */
export type OnAir = {
  add(show: ShowReader, channelPlaybackId: string): void
  /** Lets go of a show that is over here. */
  remove(streamId: string): void
  /** Any other playback id is taken for one of an ended show: its recording, if there is one, answers. */
  find(playbackId: string): FoundShow
}

/** Nothing on air. */
export function onAir(): OnAir {
  const shows = new Map<string, { show: ShowReader; channelPlaybackId: string }>()
  const byChannel = new Map<string, string>()

  return {
    add(show, channelPlaybackId) {
      shows.set(show.streamId, { show, channelPlaybackId })
      byChannel.delete(channelPlaybackId)
      byChannel.set(channelPlaybackId, show.streamId)
      const oldest = byChannel.keys().next()
      if (byChannel.size > ENDED_MAX && !oldest.done) byChannel.delete(oldest.value)
    },
    remove: streamId => void shows.delete(streamId),
    find(playbackId) {
      const streamId = byChannel.get(playbackId) ?? playbackId
      return shows.get(streamId)?.show ?? { endedAs: streamId }
    },
  }
}
