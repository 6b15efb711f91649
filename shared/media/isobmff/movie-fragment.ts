import { type BoxView, childBoxes, needBox, viewOf } from './box-view.ts'
import { IsobmffError } from './isobmff-error.ts'
import type { TrackHeader } from './track-header.ts'

/** Samples of one fragment that are added up; a two second GOP at 60 fps has 120. */
const SAMPLES_MAX = 100_000

const TFHD = { baseDataOffset: 0x1, sampleDescription: 0x2, duration: 0x8, size: 0x10, flags: 0x20 } as const
const TRUN = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  composition: 0x800,
} as const
const NON_SYNC_SAMPLE = 0x1_0000

/** Times of one `moof` in ticks of its track. */
export type FragmentTimes = {
  time: number
  duration: number
  samples: number
  /** The first sample can be decoded without any before it. */
  sync: boolean
}

type Defaults = { duration: number; size: number; flags: number }

const flagsOf = (view: DataView, box: BoxView): number => view.getUint32(box.body) & 0xff_ffff

/** Reads the fields a bit set announces, four bytes each, in the order given. */
function optionalFields(view: DataView, at: number, end: number, present: number, order: readonly [number, number][]) {
  const found = new Map<number, number>()
  let offset = at
  for (const [bit, size] of order) {
    if ((present & bit) === 0) continue
    if (offset + size > end) throw new IsobmffError('truncated', 'A fragment header ends too early.')
    found.set(bit, view.getUint32(offset + size - 4))
    offset += size
  }
  return { found, offset }
}

/** What a fragment's samples are when their run says nothing. */
export function trackDefaults(view: DataView, tfhd: BoxView, track: TrackHeader): Defaults {
  const { found } = optionalFields(view, tfhd.body + 8, tfhd.end, flagsOf(view, tfhd), [
    [TFHD.baseDataOffset, 8],
    [TFHD.sampleDescription, 4],
    [TFHD.duration, 4],
    [TFHD.size, 4],
    [TFHD.flags, 4],
  ])
  return {
    duration: found.get(TFHD.duration) ?? track.defaultSampleDuration,
    size: found.get(TFHD.size) ?? 0,
    flags: found.get(TFHD.flags) ?? track.defaultSampleFlags,
  }
}

/** The decode time of a fragment's first sample, in ticks (ISO/IEC 14496-12 8.8.12). */
export function decodeTime(view: DataView, tfdt: BoxView): number {
  if (view.getUint8(tfdt.body) === 0) return view.getUint32(tfdt.body + 4)
  if (tfdt.end - tfdt.body < 12) throw new IsobmffError('truncated', 'The tfdt box is too short.')
  const time = Number(view.getBigUint64(tfdt.body + 4))
  if (!Number.isSafeInteger(time)) throw new IsobmffError('bad-size', `Decode time ${time} is absurd.`)
  return time
}

/** Duration, sample count and the flags of the first sample of one `trun`. */
function readRun(view: DataView, trun: BoxView, defaults: Defaults) {
  const present = flagsOf(view, trun)
  const samples = view.getUint32(trun.body + 4)
  if (samples > SAMPLES_MAX) throw new IsobmffError('too-many', `A run of ${samples} samples.`)
  const { found, offset } = optionalFields(view, trun.body + 8, trun.end, present, [
    [TRUN.dataOffset, 4],
    [TRUN.firstFlags, 4],
  ])
  const sampleBytes =
    4 * [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter(bit => (present & bit) !== 0).length
  if (offset + samples * sampleBytes > trun.end) throw new IsobmffError('truncated', 'A trun ends too early.')
  let duration = samples * defaults.duration
  if ((present & TRUN.duration) !== 0) {
    duration = 0
    for (let index = 0; index < samples; index += 1) duration += view.getUint32(offset + index * sampleBytes)
  }
  const beforeFlags = 4 * [TRUN.duration, TRUN.size].filter(bit => (present & bit) !== 0).length
  const ownFlags = (present & TRUN.flags) !== 0 && samples > 0 ? view.getUint32(offset + beforeFlags) : undefined
  return { samples, duration, flags: found.get(TRUN.firstFlags) ?? ownFlags ?? defaults.flags }
}

/** One sample as its run describes it; `dataOffset` counts from the `moof` and is set on the first of a run that says so. */
export type RunSample = {
  duration: number
  size: number
  sync: boolean
  composition: number
  dataOffset: number | undefined
}

/** The samples of one `trun` (ISO/IEC 14496-12 8.8.8), in order. */
export function* eachRunSample(view: DataView, trun: BoxView, defaults: Defaults): Generator<RunSample> {
  const present = flagsOf(view, trun)
  const samples = view.getUint32(trun.body + 4)
  if (samples > SAMPLES_MAX) throw new IsobmffError('too-many', `A run of ${samples} samples.`)
  const head = optionalFields(view, trun.body + 8, trun.end, present, [
    [TRUN.dataOffset, 4],
    [TRUN.firstFlags, 4],
  ])
  let { offset } = head
  for (let index = 0; index < samples; index += 1) {
    const { found, offset: after } = optionalFields(view, offset, trun.end, present, [
      [TRUN.duration, 4],
      [TRUN.size, 4],
      [TRUN.flags, 4],
      [TRUN.composition, 4],
    ])
    const firstFlags = index === 0 ? head.found.get(TRUN.firstFlags) : undefined
    const flags = firstFlags ?? found.get(TRUN.flags) ?? defaults.flags
    yield {
      duration: found.get(TRUN.duration) ?? defaults.duration,
      size: found.get(TRUN.size) ?? defaults.size,
      sync: (flags & NON_SYNC_SAMPLE) === 0,
      composition: found.get(TRUN.composition) ?? 0,
      dataOffset: index === 0 ? head.found.get(TRUN.dataOffset) : undefined,
    }
    offset = after
  }
}

/**
 * Reads `moof` (header included) of a CMAF chunk: when it starts, how long it lasts, whether it starts with a sync
 * sample (ISO/IEC 14496-12 8.8). One `traf`; throws `IsobmffError` otherwise.
 */
export function readFragment(moof: Uint8Array, track: TrackHeader): FragmentTimes {
  const view = viewOf(moof)
  const trafs = childBoxes(moof, 8, moof.length).filter(box => box.type === 'traf')
  const [traf] = trafs
  if (traf === undefined || trafs.length > 1) {
    throw new IsobmffError('unsupported', `A CMAF chunk has one traf, this has ${trafs.length}.`)
  }
  const tfhd = needBox(moof, traf.body, traf.end, ['tfhd'], 8)
  const tfdt = needBox(moof, traf.body, traf.end, ['tfdt'], 8)
  const defaults = trackDefaults(view, tfhd, track)
  const runs = childBoxes(moof, traf.body, traf.end).filter(box => box.type === 'trun')
  const total = { time: decodeTime(view, tfdt), duration: 0, samples: 0, sync: track.kind === 'audio' }
  for (const run of runs) {
    if (run.end - run.body < 8) throw new IsobmffError('truncated', 'A trun is too short.')
    const read = readRun(view, run, defaults)
    if (total.samples === 0 && track.kind === 'video') total.sync = (read.flags & NON_SYNC_SAMPLE) === 0
    total.duration += read.duration
    total.samples += read.samples
  }
  if (total.samples === 0 || total.duration === 0) throw new IsobmffError('missing-box', 'A chunk without samples.')
  return total
}
