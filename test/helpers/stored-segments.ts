import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { StoredSegment } from '#shared/domain/provider-event.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import { eventually } from './eventually.ts'
import type { LiveProcess } from './live-process.ts'
import type { ProviderEar } from './provider-ear.ts'

/** Sequence numbers without a gap, program date-times that only grow, a discontinuity wherever the epoch changes. */
export function segmentsWhole(segments: readonly StoredSegment[]): void {
  expect(segments.map(({ seq }) => seq)).toEqual(segments.map((_, index) => index))
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1]
    if (before === undefined) continue
    expect(segment.epoch).toBeGreaterThanOrEqual(before.epoch)
    expect(segment.discontinuity).toBe(segment.epoch !== before.epoch)
    expect(Date.parse(segment.pdt)).toBeGreaterThanOrEqual(Date.parse(before.pdt) + before.duration_ms - 50)
  }
}

/** Produced = stored = told, and every object of it lies there with the digest that was told. */
export async function storedWhole(live: LiveProcess, ear: ProviderEar, ref: string, streamId: string): Promise<void> {
  const recording = await eventually(
    () => live.recording(streamId),
    found => expect(found?.state).toBe('complete'),
  )
  expect(recording?.segments_produced).toBe(recording?.segments_stored)
  await eventually(() => expect(ear.segments(ref)).toHaveLength(recording?.segments_stored ?? -1))
  const signing = { key: new Uint8Array(32), baseUrl: 'http://127.0.0.1/objects', now: Date.now }
  const store = directoryObjectStore({ directory: join(live.dataDir, 'objects'), signing })
  for (const { uri, sha256, bytes } of ear.segments(ref).flatMap(({ renditions }) => renditions)) {
    const object = await store.get(uri)
    const hash = createHash('sha256')
    for await (const chunk of object?.body ?? []) hash.update(chunk)
    expect({ uri, bytes: object?.bytes, sha256: hash.digest('hex') }).toEqual({ uri, bytes, sha256 })
  }
}
