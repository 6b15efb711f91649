import { type BoxView, childBoxes, findBox, fourCc, needBox, viewOf } from './box-view.ts'
import { codecString } from './codec-string.ts'
import { IsobmffError } from './isobmff-error.ts'

/** What a single-track initialization segment says of its track. */
export type TrackHeader = {
  kind: 'video' | 'audio'
  trackId: number
  /** Ticks a second of every time in the track. */
  timescale: number
  /** RFC 6381, e.g. `avc1.64001f`. */
  codec: string
  /** Video only. */
  width: number
  height: number
  /** Audio only. */
  sampleRate: number
  channels: number
  /** From `trex`: what a fragment means when it says nothing. */
  defaultSampleDuration: number
  defaultSampleFlags: number
}

/** Offset of the fields after the two times of a full box whose times have 32 or 64 bits by its version. */
function afterTimes(bytes: Uint8Array, box: BoxView): number {
  const size = bytes[box.body] === 1 ? 8 : 4
  return box.body + 4 + 2 * size
}

function sampleEntry(bytes: Uint8Array, trak: BoxView): BoxView {
  const stsd = needBox(bytes, trak.body, trak.end, ['mdia', 'minf', 'stbl', 'stsd'], 8)
  const [entry] = childBoxes(bytes, stsd.body + 8, stsd.end)
  if (entry === undefined || entry.end - entry.body < 28) {
    throw new IsobmffError('missing-box', 'The track has no sample entry.')
  }
  return entry
}

/** The sample entry of an initialization segment (`ftyp` and `moov`), header included; a view, not a copy. */
export function sampleEntryOf(init: Uint8Array): Uint8Array {
  const trak = needBox(init, 0, init.length, ['moov', 'trak'])
  const { start, end } = sampleEntry(init, trak)
  return init.subarray(start, end)
}

/**
 * Reads `moov` (header included) of a CMAF initialization segment (ISO/IEC 23000-19 7.3.1).
 * Exactly one track, AVC or AAC; throws `IsobmffError` otherwise.
 */
export function readTrackHeader(moov: Uint8Array): TrackHeader {
  const view = viewOf(moov)
  const traks = childBoxes(moov, 8, moov.length).filter(box => box.type === 'trak')
  const [trak] = traks
  if (trak === undefined || traks.length > 1) {
    throw new IsobmffError('unsupported', `A CMAF track has one track, this has ${traks.length}.`)
  }
  const mdhd = needBox(moov, trak.body, trak.end, ['mdia', 'mdhd'], 24)
  const tkhd = needBox(moov, trak.body, trak.end, ['tkhd'], 20)
  const hdlr = needBox(moov, trak.body, trak.end, ['mdia', 'hdlr'], 12)
  const trex = findBox(moov, 8, moov.length, ['mvex', 'trex'])
  const handler = fourCc(moov, hdlr.body + 8)
  if (handler !== 'vide' && handler !== 'soun') {
    throw new IsobmffError('unsupported', `Handler ${JSON.stringify(handler)} is neither video nor audio.`)
  }
  const timescale = view.getUint32(afterTimes(moov, mdhd))
  if (timescale === 0) throw new IsobmffError('bad-size', 'The track has timescale 0.')
  const entry = sampleEntry(moov, trak)
  const isVideo = handler === 'vide'
  const hasDefaults = trex !== undefined && trex.end - trex.body >= 24
  return {
    kind: isVideo ? 'video' : 'audio',
    trackId: view.getUint32(afterTimes(moov, tkhd)),
    timescale,
    codec: codecString(moov, entry),
    width: isVideo ? view.getUint16(entry.body + 24) : 0,
    height: isVideo ? view.getUint16(entry.body + 26) : 0,
    sampleRate: isVideo ? 0 : view.getUint16(entry.body + 24),
    channels: isVideo ? 0 : view.getUint16(entry.body + 16),
    defaultSampleDuration: hasDefaults ? view.getUint32(trex.body + 12) : 0,
    defaultSampleFlags: hasDefaults ? view.getUint32(trex.body + 20) : 0,
  }
}
