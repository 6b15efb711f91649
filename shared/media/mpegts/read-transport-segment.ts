import type { CutSource } from '../clip/cut-clip.ts'
import { elementaryPackets } from './elementary-packets.ts'
import { transportAudio } from './transport-audio.ts'
import { transportVideo } from './transport-video.ts'

/** What a segment of MPEG-TS holds, as clips are cut from it. */
export type TransportSegment = { video: CutSource; audio: CutSource | undefined }

/**
 * Reads a whole HLS segment of MPEG-TS (RFC 8216 3.2): the H.264 picture and the AAC sound of its first program, both on
 * one clock. `nearTicks` (90,000 a second) is where the segment before ended: the clock of 33 bits then goes on from
 * there instead of beginning anew. Throws `TransportError` for anything else.
 */
export function readTransportSegment(bytes: Uint8Array, nearTicks?: number): TransportSegment {
  const packets = elementaryPackets(bytes)
  const video = transportVideo(packets.video, nearTicks)
  const [first] = video.samples
  return { video, audio: transportAudio(packets.audio, first?.time ?? 0) }
}
