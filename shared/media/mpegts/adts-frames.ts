import { TransportError } from './transport-error.ts'

/** What every ADTS frame says of its sound. */
export type AdtsFormat = { objectType: number; rateIndex: number; sampleRate: number; channels: number }
/** One frame: its AAC bytes as a view, and where its header began. */
export type AdtsFrame = { at: number; bytes: Uint8Array }

/** Samples of sound in one frame, of each channel. */
export const FRAME_SAMPLES = 1024
const SAMPLE_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350] as const
/** Frames of one segment: a minute of the fastest there are. */
const FRAMES_MAX = 6_000
const HEADER_BYTES = 7
const CHECKSUM_BYTES = 2
/** Longest frame that thirteen bits can tell. */
const FRAME_BYTES_MAX = 8_191

/**
 * The frames of an ADTS stream (ISO/IEC 14496-3 1.A.2.2) and their format; frames that are cut off at either end are left out.
 * Throws `TransportError` where a frame does not begin with its sync word and for sound that MP4 keeps otherwise.
 */
export function readAdtsFrames(stream: Uint8Array): { format: AdtsFormat | undefined; frames: AdtsFrame[] } {
  const frames: AdtsFrame[] = []
  let format: AdtsFormat | undefined
  let at = firstFrame(stream)
  while (at + HEADER_BYTES <= stream.length) {
    const header = stream.subarray(at, at + HEADER_BYTES)
    const headerBytes = HEADER_BYTES + (((header[1] ?? 0) & 1) === 1 ? 0 : CHECKSUM_BYTES)
    const length = frameLength(header, at)
    if (length <= headerBytes) throw new TransportError('lost-sync', `The frame of sound at byte ${at} has no length.`)
    const own = readFormat(header)
    format ??= own
    if (
      own.rateIndex !== format.rateIndex ||
      own.channels !== format.channels ||
      own.objectType !== format.objectType
    ) {
      throw new TransportError('unsupported', 'The sound changes its format within a segment.')
    }
    if (at + length > stream.length) break
    if (frames.length === FRAMES_MAX) throw new TransportError('too-many', 'The sound has too many frames.')
    frames.push({ at, bytes: stream.subarray(at + headerBytes, at + length) })
    at += length
  }
  return { format, frames }
}

/** Where the first whole frame begins, behind the rest of one that began before; 0 where there is none. */
function firstFrame(stream: Uint8Array): number {
  for (let at = 0; at < Math.min(FRAME_BYTES_MAX, stream.length - HEADER_BYTES); at += 1) {
    const end = isSync(stream, at) ? at + lengthAt(stream, at) : at
    if (end > at + HEADER_BYTES && (end + 1 >= stream.length || isSync(stream, end))) return at
  }
  return 0
}

function isSync(stream: Uint8Array, at: number): boolean {
  return stream[at] === 0xff && ((stream[at + 1] ?? 0) & 0xf6) === 0xf0
}

function lengthAt(stream: Uint8Array, at: number): number {
  return (((stream[at + 3] ?? 0) & 3) << 11) | ((stream[at + 4] ?? 0) << 3) | ((stream[at + 5] ?? 0) >> 5)
}

function frameLength(header: Uint8Array, at: number): number {
  if (!isSync(header, 0)) {
    throw new TransportError('lost-sync', `The sound at byte ${at} does not begin with its sync word.`)
  }
  if (((header[6] ?? 0) & 3) !== 0) throw new TransportError('unsupported', 'A frame of sound holds several blocks.')
  return lengthAt(header, 0)
}

function readFormat(header: Uint8Array): AdtsFormat {
  const [, , third = 0, fourth = 0] = header
  const rateIndex = (third >> 2) & 15
  const sampleRate = SAMPLE_RATES[rateIndex]
  const channels = ((third & 1) << 2) | (fourth >> 6)
  if (sampleRate === undefined || channels === 0) {
    throw new TransportError('unsupported', 'The sound names no sample rate or no channels.')
  }
  return { objectType: (third >> 6) + 1, rateIndex, sampleRate, channels }
}
