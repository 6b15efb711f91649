/** AAC-LC frames of silence, by channels, as hls.js fills gaps with them (Apache 2.0). */
const SILENCE: Readonly<Record<number, readonly number[]>> = {
  1: [0x00, 0xc8, 0x00, 0x80, 0x23, 0x80],
  2: [0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80],
}

/** A frame for where sound is missing: silence, or what was heard last where no silence of that kind is known. */
export function silentFrame({ codec, channels }: { codec: string; channels: number }, last: Uint8Array): Uint8Array {
  const bytes = codec === 'mp4a.40.2' ? SILENCE[channels] : undefined
  return bytes === undefined ? last : Uint8Array.from(bytes)
}
