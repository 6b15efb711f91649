import { BoxSplitter, concatBytes, type TopBox } from './box-splitter.ts'
import { IsobmffError } from './isobmff-error.ts'
import { type FragmentTimes, readFragment } from './movie-fragment.ts'
import { readTrackHeader, type TrackHeader } from './track-header.ts'

/** Largest box of a live track: two seconds at 40 Mbit/s with room. */
const BOX_BYTES_MAX = 16 * 1024 * 1024
/** Boxes such as `prft` and `emsg` that may wait for their `moof`. */
const LEADING_BOXES_MAX = 64

/** `ftyp` and `moov`: what a player needs before any chunk. */
export type CmafInit = { kind: 'init'; bytes: Uint8Array; track: TrackHeader }
/** `(styp | prft | emsg)* moof mdat`: what can be sent as one part. */
export type CmafChunk = { kind: 'chunk'; bytes: Uint8Array } & FragmentTimes
export type CmafPiece = CmafInit | CmafChunk

/**
 * Turns the bytes of one muxer run into its initialization segment and its chunks (ISO/IEC 23000-19 7.3).
 *
 * Index boxes (`sidx`, `mfra`, `free`) are dropped. Throws `IsobmffError` for anything else that is out of place; the
 * stream is then over. Memory is at most one chunk.
 */
export class CmafReader {
  readonly #splitter = new BoxSplitter(BOX_BYTES_MAX)
  #fileType: Uint8Array | undefined
  #track: TrackHeader | undefined
  #leading: Uint8Array[] = []
  #fragment: { moof: Uint8Array; times: FragmentTimes } | undefined

  /** The pieces these bytes complete, in order. */
  push(bytes: Uint8Array): CmafPiece[] {
    return this.#splitter.push(bytes).flatMap(box => this.#take(box) ?? [])
  }

  #take(box: TopBox): CmafPiece | undefined {
    switch (box.type) {
      case 'ftyp':
        this.#fileType = box.bytes
        return undefined
      case 'moov':
        return this.#init(box.bytes)
      case 'styp':
      case 'prft':
      case 'emsg':
        if (this.#leading.length === LEADING_BOXES_MAX)
          throw new IsobmffError('too-many', 'Too many boxes before a moof.')
        this.#leading.push(box.bytes)
        return undefined
      case 'moof':
        if (this.#track === undefined) throw new IsobmffError('out-of-order', 'A moof came before any moov.')
        this.#fragment = { moof: box.bytes, times: readFragment(box.bytes, this.#track) }
        return undefined
      case 'mdat':
        return this.#chunk(box.bytes)
      case 'sidx':
      case 'mfra':
      case 'free':
      case 'skip':
        return undefined
      default:
        throw new IsobmffError('unsupported', `Box ${JSON.stringify(box.type)} has no place in a CMAF track.`)
    }
  }

  #init(moov: Uint8Array): CmafInit {
    if (this.#fileType === undefined) throw new IsobmffError('out-of-order', 'A moov came before any ftyp.')
    if (this.#track !== undefined) throw new IsobmffError('out-of-order', 'A second moov in one track.')
    this.#track = readTrackHeader(moov)
    return { kind: 'init', bytes: concatBytes([this.#fileType, moov]), track: this.#track }
  }

  #chunk(mdat: Uint8Array): CmafChunk {
    const fragment = this.#fragment
    if (fragment === undefined) throw new IsobmffError('out-of-order', 'An mdat came without its moof.')
    const bytes = concatBytes([...this.#leading, fragment.moof, mdat])
    this.#leading = []
    this.#fragment = undefined
    return { kind: 'chunk', bytes, ...fragment.times }
  }
}
