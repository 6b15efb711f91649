import { fullBox, u32 } from './box-bytes.ts'
import type { MediaSample } from './chunk-samples.ts'

type TableSample = Omit<MediaSample, 'time'>

/**
 * The tables of a track's samples (ISO/IEC 14496-12 8.6 and 8.7): `stts` durations, `ctts` from decoding to showing where
 * that is not at once, `stss` sync samples (video), `stsc` samples per chunk, `stsz` sizes, `stco` places.
 */
export function sampleTable(
  kind: 'video' | 'audio',
  samples: readonly TableSample[],
  chunks: readonly { count: number; at: number }[],
): Uint8Array[] {
  const durations = runs(samples.map(({ duration }) => duration))
  const offsets = runs(samples.map(({ composition = 0 }) => composition))
  const syncs = samples.flatMap(({ sync }, index) => (sync ? [index + 1] : []))
  let firstChunk = 1
  const perChunk = runs(chunks.map(({ count }) => count)).map(({ count, value }) => {
    const entry = [firstChunk, value, 1]
    firstChunk += count
    return entry
  })
  return [
    fullBox('stts', 0, 0, u32(durations.length), ...durations.flatMap(({ count, value }) => [u32(count), u32(value)])),
    ...(offsets.some(({ value }) => value !== 0)
      ? [fullBox('ctts', 0, 0, u32(offsets.length), ...offsets.flatMap(({ count, value }) => [u32(count), u32(value)]))]
      : []),
    ...(kind === 'video' ? [fullBox('stss', 0, 0, u32(syncs.length), ...syncs.map(u32))] : []),
    fullBox('stsc', 0, 0, u32(perChunk.length), ...perChunk.flat().map(u32)),
    fullBox('stsz', 0, 0, u32(0), u32(samples.length), ...samples.map(({ bytes }) => u32(bytes.length))),
    fullBox('stco', 0, 0, u32(chunks.length), ...chunks.map(({ at }) => u32(at))),
  ]
}

/** Equal neighbours as one entry. */
function runs(values: readonly number[]): { count: number; value: number }[] {
  const entries: { count: number; value: number }[] = []
  for (const value of values) {
    const last = entries.at(-1)
    if (last?.value === value) last.count += 1
    else entries.push({ count: 1, value })
  }
  return entries
}
