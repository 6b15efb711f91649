import type { FlvTag } from '../flv/flv-tag.ts'
import { encodeAmf0 } from './amf0.ts'
import { RtmpError } from './rtmp-error.ts'
import { MESSAGE_TYPES, type RtmpMessage } from './rtmp-message.ts'

const TAG_HEADER_BYTES = 11
const BACK_POINTER_BYTES = 4
/** Tags one aggregate message may hold. */
const AGGREGATE_TAGS_MAX = 4096
const SET_DATA_FRAME = encodeAmf0(['@setDataFrame'])

const KINDS: Readonly<Record<number, FlvTag['kind']>> = {
  [MESSAGE_TYPES.audio]: 'audio',
  [MESSAGE_TYPES.video]: 'video',
  [MESSAGE_TYPES.data]: 'script',
}
const TYPES = { audio: MESSAGE_TYPES.audio, video: MESSAGE_TYPES.video, script: MESSAGE_TYPES.data } as const

/** The FLV tags a media message carries; none for other messages. Aggregates (Adobe RTMP 1.0, 7.1.6) are taken apart. */
export function tagsOfMessage(message: RtmpMessage): FlvTag[] {
  if (message.type === MESSAGE_TYPES.aggregate) return tagsOfAggregate(message)
  const amf3 = message.type === MESSAGE_TYPES.dataAmf3
  const kind = amf3 ? 'script' : KINDS[message.type]
  if (!kind) return []
  const body = amf3 ? message.body.subarray(1) : message.body
  if (body.byteLength === 0) return []
  return [{ kind, timestampMs: message.timestampMs, body: kind === 'script' ? withoutSetDataFrame(body) : body }]
}

/** The message that carries a tag to a server; metadata is wrapped in `@setDataFrame` as servers expect it. */
export function messageOfTag(tag: FlvTag, streamId: number): RtmpMessage {
  const body = tag.kind === 'script' ? new Uint8Array(Buffer.concat([SET_DATA_FRAME, tag.body])) : tag.body
  return { type: TYPES[tag.kind], timestampMs: tag.timestampMs >>> 0, streamId, body }
}

function tagsOfAggregate(message: RtmpMessage): FlvTag[] {
  const { body } = message
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const tags: FlvTag[] = []
  let first: number | undefined
  let at = 0
  while (at + TAG_HEADER_BYTES <= body.byteLength && tags.length < AGGREGATE_TAGS_MAX) {
    const size = view.getUint32(at) & 0xffffff
    const end = at + TAG_HEADER_BYTES + size
    if (end > body.byteLength) throw new RtmpError('message', 'An aggregate message is cut short.')
    const time = ((view.getUint32(at + 4) >>> 8) | (view.getUint8(at + 7) << 24)) >>> 0
    first ??= time
    const kind = KINDS[view.getUint8(at)]
    const timestampMs = (message.timestampMs + time - first) >>> 0
    if (kind && size > 0) tags.push({ kind, timestampMs, body: body.slice(at + TAG_HEADER_BYTES, end) })
    at = end + BACK_POINTER_BYTES
  }
  return tags
}

function withoutSetDataFrame(body: Uint8Array): Uint8Array {
  const wrapped = SET_DATA_FRAME.every((byte, index) => body[index] === byte)
  return wrapped ? body.subarray(SET_DATA_FRAME.byteLength) : body
}
