import { FlvError } from './flv-error.ts'
import type { FlvTag } from './flv-tag.ts'

const FILE_HEADER_BYTES = 9
const TAG_HEADER_BYTES = 11
const BACK_POINTER_BYTES = 4
/** Largest tag that is taken, the same bound as an RTMP message. */
const FLV_TAG_BYTES_MAX = 4 * 1024 * 1024

const KINDS: Readonly<Record<number, FlvTag['kind']>> = { 8: 'audio', 9: 'video', 18: 'script' }

/** Reads an FLV stream (E.2–E.4) pushed in pieces of any size; holds at most one tag. Throws `FlvError`. */
export class FlvReader {
  #pending: Uint8Array = new Uint8Array(0)
  #headerRead = false

  /** The tags that are complete with these bytes; encrypted and unknown tag types are left out. */
  push(bytes: Uint8Array): FlvTag[] {
    let rest: Uint8Array = this.#pending.byteLength === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const tags: FlvTag[] = []
    if (!this.#headerRead) {
      const start = fileHeaderEnd(rest)
      if (start === undefined || rest.byteLength < start) {
        this.#pending = rest
        return tags
      }
      this.#headerRead = true
      rest = rest.subarray(start)
    }
    for (;;) {
      const taken = readTag(rest)
      if (!taken) break
      if (taken.tag) tags.push(taken.tag)
      rest = rest.subarray(taken.bytes)
    }
    this.#pending = new Uint8Array(rest)
    return tags
  }
}

function fileHeaderEnd(bytes: Uint8Array): number | undefined {
  if (bytes.byteLength < FILE_HEADER_BYTES) return undefined
  if (bytes[0] !== 0x46 || bytes[1] !== 0x4c || bytes[2] !== 0x56) throw new FlvError('This is not an FLV stream.')
  const offset = new DataView(bytes.buffer, bytes.byteOffset).getUint32(5)
  if (offset < FILE_HEADER_BYTES || offset > 1024) throw new FlvError(`An FLV header of ${offset} bytes is not one.`)
  return offset + BACK_POINTER_BYTES
}

function readTag(bytes: Uint8Array): { tag: FlvTag | undefined; bytes: number } | undefined {
  if (bytes.byteLength < TAG_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const size = view.getUint32(0) & 0xffffff
  if (size > FLV_TAG_BYTES_MAX) throw new FlvError(`An FLV tag of ${size} bytes is above ${FLV_TAG_BYTES_MAX}.`)
  const whole = TAG_HEADER_BYTES + size + BACK_POINTER_BYTES
  if (bytes.byteLength < whole) return undefined
  const kind = KINDS[view.getUint8(0)]
  const timestampMs = ((view.getUint32(4) >>> 8) | (view.getUint8(7) << 24)) >>> 0
  const body = new Uint8Array(bytes.subarray(TAG_HEADER_BYTES, TAG_HEADER_BYTES + size))
  return { tag: kind && { kind, timestampMs, body }, bytes: whole }
}
