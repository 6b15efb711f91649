import type { CutSource } from '../clip/cut-clip.ts'
import { elementaryPackets } from './elementary-packets.ts'
import { transportAudio } from './transport-audio.ts'
import { transportVideo } from './transport-video.ts'

/** What a segment of MPEG-TS holds, as clips are cut from it: both tracks on one clock. */
export type TransportSegment = { video: CutSource; audio: CutSource | undefined }

/**
 * Reads a whole HLS segment of MPEG-TS (RFC 8216 3.2): the H.264 picture and the AAC sound of its first program. Throws
 * `TransportError` for anything else.
 */
export function readTransportSegment(bytes: Uint8Array): TransportSegment {
  const packets = elementaryPackets(bytes)
  const video = transportVideo(packets.video)
  const [first] = video.samples
  return { video, audio: transportAudio(packets.audio, first?.time ?? 0) }
}
