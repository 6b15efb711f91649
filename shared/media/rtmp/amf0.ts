import { RtmpError } from './rtmp-error.ts'

/** Deepest nesting that is read. */
export const AMF_DEPTH_MAX = 16
/** Values of one message, counted at every depth. */
const AMF_VALUES_MAX = 4096

export type Amf0Object = { [name: string]: Amf0Value }
export type Amf0Value = number | boolean | string | null | undefined | Amf0Value[] | Amf0Object

const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  unsupported: 13,
  xml: 15,
} as const
const SHORT_STRING_MAX = 0xffff

/** Reads AMF0 values (AMF 0 specification 2) to the end of the bytes. Typed objects, references and AMF3 throw `RtmpError`. */
export function decodeAmf0(bytes: Uint8Array): Amf0Value[] {
  const reader = new Amf0Reader(bytes)
  const values: Amf0Value[] = []
  while (!reader.done) values.push(reader.value(1))
  return values
}

/** Writes the values as AMF0; objects become anonymous objects, arrays strict arrays. */
export function encodeAmf0(values: readonly Amf0Value[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const value of values) write(parts, value)
  return new Uint8Array(Buffer.concat(parts))
}

class Amf0Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0
  #count = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#position >= this.#bytes.byteLength
  }

  value(depth: number): Amf0Value {
    if (depth > AMF_DEPTH_MAX) throw new RtmpError('amf', `AMF is nested deeper than ${AMF_DEPTH_MAX}.`)
    this.#count += 1
    if (this.#count > AMF_VALUES_MAX) throw new RtmpError('amf', `AMF has more than ${AMF_VALUES_MAX} values.`)
    const marker = this.#view.getUint8(this.#take(1))
    switch (marker) {
      case MARKER.number:
        return this.#view.getFloat64(this.#take(8))
      case MARKER.boolean:
        return this.#view.getUint8(this.#take(1)) !== 0
      case MARKER.string:
        return this.#text(this.#view.getUint16(this.#take(2)))
      case MARKER.longString:
      case MARKER.xml:
        return this.#text(this.#view.getUint32(this.#take(4)))
      case MARKER.null:
        return null
      case MARKER.undefined:
      case MARKER.unsupported:
        return undefined
      case MARKER.ecmaArray:
        this.#take(4)
        return this.#object(depth)
      case MARKER.object:
        return this.#object(depth)
      case MARKER.strictArray:
        return this.#array(depth)
      case MARKER.date: {
        const at = this.#view.getFloat64(this.#take(8))
        this.#take(2)
        return at
      }
      default:
        throw new RtmpError('amf', `AMF marker ${marker} is not supported.`)
    }
  }

  #object(depth: number): Amf0Object {
    const object: Amf0Object = Object.create(null) as Amf0Object
    for (;;) {
      const name = this.#text(this.#view.getUint16(this.#take(2)))
      if (name === '' && this.#bytes[this.#position] === MARKER.objectEnd) {
        this.#take(1)
        return object
      }
      object[name] = this.value(depth + 1)
    }
  }

  #array(depth: number): Amf0Value[] {
    const count = this.#view.getUint32(this.#take(4))
    if (count > AMF_VALUES_MAX) throw new RtmpError('amf', `An AMF array has more than ${AMF_VALUES_MAX} values.`)
    const values: Amf0Value[] = []
    for (let index = 0; index < count; index += 1) values.push(this.value(depth + 1))
    return values
  }

  #text(length: number): string {
    const start = this.#take(length)
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, length).toString('utf8')
  }

  #take(length: number): number {
    const start = this.#position
    if (start + length > this.#bytes.byteLength) throw new RtmpError('amf', 'AMF is cut short.')
    this.#position += length
    return start
  }
}

function write(parts: Uint8Array[], value: Amf0Value): void {
  if (typeof value === 'number') parts.push(numberBytes(value))
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(MARKER.boolean, value ? 1 : 0))
  else if (typeof value === 'string') writeString(parts, value)
  else if (value === null) parts.push(Uint8Array.of(MARKER.null))
  else if (value === undefined) parts.push(Uint8Array.of(MARKER.undefined))
  else if (Array.isArray(value)) {
    const head = new Uint8Array(5)
    head[0] = MARKER.strictArray
    new DataView(head.buffer).setUint32(1, value.length)
    parts.push(head)
    for (const item of value) write(parts, item)
  } else {
    parts.push(Uint8Array.of(MARKER.object))
    for (const [name, member] of Object.entries(value)) {
      const text = Buffer.from(name, 'utf8')
      parts.push(Uint8Array.of(text.byteLength >>> 8, text.byteLength & 0xff), text)
      write(parts, member)
    }
    parts.push(Uint8Array.of(0, 0, MARKER.objectEnd))
  }
}

function writeString(parts: Uint8Array[], value: string): void {
  const text = Buffer.from(value, 'utf8')
  const long = text.byteLength > SHORT_STRING_MAX
  const head = new Uint8Array(long ? 5 : 3)
  const view = new DataView(head.buffer)
  head[0] = long ? MARKER.longString : MARKER.string
  if (long) view.setUint32(1, text.byteLength)
  else view.setUint16(1, text.byteLength)
  parts.push(head, text)
}

function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(9)
  new DataView(bytes.buffer).setFloat64(1, value)
  return bytes
}
