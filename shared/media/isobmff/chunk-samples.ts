import { childBoxes, needBox, viewOf } from './box-view.ts'
import { IsobmffError } from './isobmff-error.ts'
import { decodeTime, eachRunSample, type RunSample, trackDefaults } from './movie-fragment.ts'
import type { TrackHeader } from './track-header.ts'

/** One coded picture or frame of sound, when it is decoded and for how long, in ticks of its track. */
export type MediaSample = {
  time: number
  duration: number
  sync: boolean
  /** A view, not a copy. */
  bytes: Uint8Array
  /** Ticks from decoding to showing, where pictures are shown in another order than they are decoded. */
  composition?: number
}

/**
 * The samples of one CMAF chunk, of several, or of a whole segment, in decoding order. Throws `IsobmffError` for bytes that
 * are none, and for samples that are shown in another order than they are decoded.
 */
export function readSamples(bytes: Uint8Array, track: TrackHeader): MediaSample[] {
  const samples: MediaSample[] = []
  for (const box of childBoxes(bytes, 0, bytes.length)) {
    if (box.type === 'moof') samples.push(...fragmentSamples(bytes, box.start, box.end, track))
  }
  return samples
}

function fragmentSamples(bytes: Uint8Array, start: number, end: number, track: TrackHeader): MediaSample[] {
  const view = viewOf(bytes)
  const traf = needBox(bytes, start + 8, end, ['traf'])
  const tfhd = needBox(bytes, traf.body, traf.end, ['tfhd'], 8)
  const tfdt = needBox(bytes, traf.body, traf.end, ['tfdt'], 8)
  const defaults = trackDefaults(view, tfhd, track)
  let time = decodeTime(view, tfdt)
  let at = start
  const samples: MediaSample[] = []
  for (const trun of childBoxes(bytes, traf.body, traf.end).filter(({ type }) => type === 'trun')) {
    for (const sample of eachRunSample(view, trun, defaults)) {
      at = sample.dataOffset === undefined ? at : start + sample.dataOffset
      if (at + sample.size > bytes.length) throw new IsobmffError('truncated', 'A sample lies beyond its chunk.')
      samples.push({ ...measured(sample, track), time, bytes: bytes.subarray(at, at + sample.size) })
      time += sample.duration
      at += sample.size
    }
  }
  return samples
}

function measured({ duration, sync, composition }: RunSample, track: TrackHeader) {
  if (composition !== 0) throw new IsobmffError('unsupported', 'Pictures are shown in another order than decoded.')
  return { duration, sync: sync || track.kind === 'audio' }
}
