const CODECS: Readonly<Record<number, string>> = {
  0: 'PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'PCM',
  4: 'Nellymoser 16 kHz',
  5: 'Nellymoser 8 kHz',
  6: 'Nellymoser',
  7: 'G.711 A-law',
  8: 'G.711 mu-law',
  9: 'enhanced audio',
  10: 'AAC',
  11: 'Speex',
  14: 'MP3 8 kHz',
}

/** What the head of an audio tag's body says (E.4.2); `data` is a view, not a copy. */
export type AudioTag = { codec: string; packet: 'configuration' | 'frame'; data: Uint8Array }

/** Reads the head of an audio tag's body; undefined when it is too short to be one. */
export function readAudioTag(body: Uint8Array): AudioTag | undefined {
  const first = body[0]
  if (first === undefined) return undefined
  const format = first >>> 4
  const codec = CODECS[format] ?? `sound format ${format}`
  if (format !== 10) return { codec, packet: 'frame', data: body.subarray(1) }
  if (body.byteLength < 2) return undefined
  return { codec, packet: body[1] === 0 ? 'configuration' : 'frame', data: body.subarray(2) }
}
