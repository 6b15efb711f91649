import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { readAudioTag } from '#shared/media/flv/audio-tag.ts'
import type { TimestampRepair } from '#shared/media/flv/timestamp-repair.ts'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import type { ArrivedTag } from '../ingest/arrived-tag.ts'

/** A tag on its way to the encoder: repaired time, and what the queue and the cache must know of it. */
export type LadderTag = {
  tag: FlvTag
  /** Repaired time; does not wrap. */
  mediaMs: number
  atMs: number
  role: 'video-configuration' | 'audio-configuration' | 'key' | 'frame' | 'audio'
}

/** Names a tag's role and repairs its time; undefined for what the encoder does not need (metadata, empty tags). */
export function ladderTag(tag: ArrivedTag, repair: TimestampRepair): LadderTag | undefined {
  const role = roleOf(tag)
  if (!role || tag.kind === 'script') return undefined
  const isConfiguration = role === 'video-configuration' || role === 'audio-configuration'
  const mediaMs = isConfiguration ? repair.newestMs : repair.repair(tag.kind, tag.timestampMs)
  return { tag: { kind: tag.kind, timestampMs: mediaMs >>> 0, body: tag.body }, mediaMs, atMs: tag.atMs, role }
}

function roleOf(tag: FlvTag): LadderTag['role'] | undefined {
  if (tag.kind === 'audio') {
    const audio = readAudioTag(tag.body)
    if (audio?.codec !== 'AAC') return undefined
    return audio.packet === 'configuration' ? 'audio-configuration' : 'audio'
  }
  const video = tag.kind === 'video' ? readVideoTag(tag.body) : undefined
  if (video?.codec !== 'H.264' || video.packet === 'end') return undefined
  if (video.packet === 'configuration') return 'video-configuration'
  return video.isKey ? 'key' : 'frame'
}
