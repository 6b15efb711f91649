import { type PesHeader, readPesHeader } from './pes-packet.ts'
import { type ProgramStream, readProgramAssociation, readProgramMap } from './program-tables.ts'
import { SectionReader } from './section-reader.ts'
import { TransportError } from './transport-error.ts'
import { type TransportPacket, transportPackets } from './transport-packets.ts'

/** What one PES packet carries, and when; times in ticks of 33 bits, absent where the bytes go on with what was before. */
export type ElementaryPacket = Pick<PesHeader, 'shown' | 'decoded'> & { payload: Uint8Array }
export type ElementaryPackets = { video: ElementaryPacket[]; audio: ElementaryPacket[] }

const ASSOCIATION_PID = 0
/** Kinds of stream (ISO/IEC 13818-1 table 2-34) that are served here: H.264, and AAC in ADTS. */
const H264 = 0x1b
const AAC = 0x0f
/** Other sound: a picture is not shown without it unknowingly. MPEG, LATM, AC-3 and its successor. */
const OTHER_SOUND: ReadonlySet<number> = new Set([0x03, 0x04, 0x11, 0x81, 0x87])
const COUNTERS = 16
const LENGTH_AT = 4
const BEFORE_LENGTH_BYTES = 6

/**
 * The picture and the sound of a transport stream's first program, in order. Throws `TransportError` where packets are
 * missing, damaged, scrambled or of another coding; what is neither picture nor sound is passed over.
 */
export function elementaryPackets(bytes: Uint8Array): ElementaryPackets {
  const streams = programOf(bytes)
  const picture = streams.find(({ type }) => type === H264)
  const sound = streams.find(({ type }) => type === AAC)
  if (picture === undefined) throw new TransportError('unsupported', 'The stream has no H.264 picture.')
  if (sound === undefined && streams.some(({ type }) => OTHER_SOUND.has(type))) {
    throw new TransportError('unsupported', 'The sound of the stream is not AAC.')
  }
  const video = packetCollector(bytes)
  const audio = packetCollector(bytes)
  for (const packet of transportPackets(bytes)) {
    if (packet.pid === picture.pid) video.take(packet)
    else if (packet.pid === sound?.pid) audio.take(packet)
  }
  return { video: video.end(), audio: audio.end() }
}

/** The streams of the first program, from the first tables that are whole. */
function programOf(bytes: Uint8Array): ProgramStream[] {
  const association = new SectionReader()
  let map: { pid: number; sections: SectionReader } | undefined
  for (const { pid, begins, from, to } of transportPackets(bytes)) {
    if (pid === ASSOCIATION_PID && map === undefined) {
      for (const section of association.push(bytes.subarray(from, to), begins)) {
        const found = readProgramAssociation(section)
        if (found !== undefined) map = { pid: found, sections: new SectionReader() }
      }
    } else if (pid === map?.pid) {
      for (const section of map.sections.push(bytes.subarray(from, to), begins)) {
        const streams = readProgramMap(section)
        if (streams !== undefined) return streams
      }
    }
  }
  throw new TransportError('no-program', 'The stream does not say what is in it.')
}

/** Puts the PES packets of one PID together, in memory as large as everything they may come from. */
function packetCollector(bytes: Uint8Array) {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const joined = Buffer.allocUnsafe(bytes.length)
  const packets: ElementaryPacket[] = []
  let counter: number | undefined
  let begin: number | undefined
  let end = 0
  const close = (): void => {
    if (begin !== undefined) packets.push(elementaryPacket(joined.subarray(begin, end)))
    begin = undefined
  }
  return {
    take({ from, to, begins, scrambled, discontinuity, counter: own }: TransportPacket): void {
      if (from === to) return
      if (scrambled) throw new TransportError('unsupported', 'The stream is scrambled.')
      // A packet may be sent twice in a row.
      if (own === counter && !discontinuity) return
      const follows = counter === undefined || own === (counter + 1) % COUNTERS
      if (!follows && !discontinuity) throw new TransportError('lost-packets', 'Packets are missing.')
      counter = own
      if (begins) {
        close()
        begin = end
      }
      // What goes on from before the first beginning belongs to nobody.
      if (begin !== undefined) end += source.copy(joined, end, from, to)
    },
    end(): ElementaryPacket[] {
      close()
      return packets
    },
  }
}

function elementaryPacket(packet: Uint8Array): ElementaryPacket {
  const { shown, decoded, payloadAt } = readPesHeader(packet)
  const told = ((packet[LENGTH_AT] ?? 0) << 8) | (packet[LENGTH_AT + 1] ?? 0)
  // A picture may leave its length open (2.4.3.7).
  const end = told === 0 ? packet.length : BEFORE_LENGTH_BYTES + told
  if (end > packet.length) throw new TransportError('truncated', 'A PES packet is cut short.')
  return { shown, decoded, payload: packet.subarray(payloadAt, Math.max(payloadAt, end)) }
}
