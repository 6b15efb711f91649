import { expect, test } from 'vitest'
import type { Refusal } from '#shared/domain/refusal.ts'
import type { LiveChannels, LiveChannelSettings } from '#shared/ports/live-channels/live-channels.ts'
import { eventually } from '../helpers/eventually.ts'

/** A plane under test, and hands on its publishers. */
export type OpenPlane = AsyncDisposable & {
  live: LiveChannels
  /** A publisher comes on air with that key and stores so many segments. */
  publish(
    ref: string,
    keyRef: string,
    segments: number,
  ): Promise<{ leave(): Promise<void>; dropped(): string | undefined }>
  /** Whether the plane lets a publisher with that secret in now. */
  admits(secret: string): Promise<boolean>
  advance(ms: number): Promise<void>
  nowMs(): number
}

const SETTINGS: LiveChannelSettings = {
  name: 'A show',
  latencyMode: 'low',
  dvrWindowS: 3_600,
  renditionsMax: 3,
  reconnectWindowS: 30,
  record: true,
  enabled: true,
}
const code = (error: unknown) => (error as Refusal).code

/** What every LiveChannels promises. */
export function liveChannelsContract(open: () => Promise<OpenPlane>): void {
  test('creates answer the same token with the same thing', async () => {
    await using plane = await open()
    const first = await plane.live.createChannel('token-one', SETTINGS)
    expect(await plane.live.createChannel('token-one', SETTINGS)).toEqual(first)
    expect((await plane.live.createChannel('token-two', SETTINGS)).ref).not.toBe(first.ref)
    const key = await plane.live.createStreamKey(first.ref, 'key-token-one')
    expect(await plane.live.createStreamKey(first.ref, 'key-token-one')).toEqual(key)
    expect((await plane.live.createStreamKey(first.ref, 'key-token-two')).secret).not.toBe(key.secret)
    expect(await plane.live.getChannel(first.ref)).toEqual(first)
    expect(Object.values(first.ingest)).not.toHaveLength(0)
  })

  test('deletes of what is absent succeed, reads of it say so', async () => {
    await using plane = await open()
    const { ref } = await plane.live.createChannel('token-gone', SETTINGS)
    await plane.live.deleteStreamKey(ref, 'no-such-key')
    await plane.live.stopStream(ref)
    await plane.live.deleteChannel(ref)
    await plane.live.deleteChannel(ref)
    expect(code(await plane.live.getChannel(ref).catch((error: unknown) => error))).toBe('resource.missing')
    expect(code(await plane.live.createStreamKey(ref, 'key-token').catch((error: unknown) => error))).toBe(
      'resource.missing',
    )
    expect(code(await plane.live.updateChannel(ref, SETTINGS).catch((error: unknown) => error))).toBe(
      'resource.missing',
    )
    expect(await plane.live.getStream(ref)).toBeUndefined()
    expect(await plane.live.getRecording('play_aaaaaaaaaaaaaaaaaaaaaaaaaa')).toBeUndefined()
    expect(await plane.live.listSegments('play_aaaaaaaaaaaaaaaaaaaaaaaaaa', 0)).toEqual([])
    expect(await plane.live.listStreams()).toEqual([])
  })

  test('a key works until it is deleted, or until its grace is over; a plane with one key a channel gives none', async () => {
    await using plane = await open()
    if (plane.live.features.keysPerChannel === 1) return await keepsOneKey(plane)
    const { ref } = await plane.live.createChannel('token-keys', SETTINGS)
    const old = await plane.live.createStreamKey(ref, 'key-token-old')
    const kept = await plane.live.createStreamKey(ref, 'key-token-kept')
    expect(await plane.admits(old.secret)).toBe(true)
    await plane.live.deleteStreamKey(ref, old.keyRef, new Date(plane.nowMs() + 10_000).toISOString())
    expect(await plane.admits(old.secret)).toBe(true)
    await plane.advance(10_001)
    expect(await plane.admits(old.secret)).toBe(false)
    expect(await plane.admits(kept.secret)).toBe(true)
    await plane.live.deleteStreamKey(ref, kept.keyRef)
    expect(await plane.admits(kept.secret)).toBe(false)
    expect(await plane.admits(`${kept.secret}x`)).toBe(false)
  })

  test('a show is on the air, waits for its publisher, and ends for good when stopped', async () => {
    await using plane = await open()
    const { ref } = await plane.live.createChannel('token-show', SETTINGS)
    const { keyRef } = await plane.live.createStreamKey(ref, 'key-token')
    const publisher = await plane.publish(ref, keyRef, 2)
    const live = await eventually(
      () => plane.live.getStream(ref),
      stream => expect(stream?.state).toBe('live'),
    )
    expect(live).toMatchObject({
      ref,
      protocol: expect.stringMatching(/^(?:rtmp|unknown)$/),
      streamId: expect.stringMatching(/^(?:play_|ivs-)/),
    })
    expect((await plane.live.listStreams()).map(({ streamId }) => streamId)).toEqual([live?.streamId])
    await publisher.leave()
    if (plane.live.features.reconnects) {
      const waiting = await eventually(
        () => plane.live.getStream(ref),
        stream => expect(stream?.state).toBe('waiting'),
      )
      expect(waiting).toMatchObject({ streamId: live?.streamId, epoch: live?.epoch, waitingUntil: expect.any(String) })
    }
    await plane.live.stopStream(ref)
    await eventually(
      () => plane.live.getStream(ref),
      stream => expect(stream).toBeUndefined(),
    )
    const recording = await plane.live.getRecording(live?.streamId ?? '')
    expect(recording).toMatchObject({ state: 'complete', segmentsProduced: 2, segmentsStored: 2 })
    const segments = await plane.live.listSegments(live?.streamId ?? '', 1)
    expect(segments.map(({ seq }) => seq)).toEqual([1])
  })

  test('a stop and a disabled channel disconnect the publisher', async () => {
    await using plane = await open()
    const { ref } = await plane.live.createChannel('token-stop', SETTINGS)
    const { keyRef, secret } = await plane.live.createStreamKey(ref, 'key-token')
    const first = await plane.publish(ref, keyRef, 1)
    await plane.live.stopStream(ref)
    expect(first.dropped()).toBeDefined()
    const second = await plane.publish(ref, keyRef, 1)
    await plane.live.updateChannel(ref, { ...SETTINGS, enabled: false })
    expect(second.dropped()).toBeDefined()
    expect(await plane.admits(secret)).toBe(false)
    await plane.live.updateChannel(ref, SETTINGS)
    expect(await plane.admits(secret)).toBe(plane.live.features.disabledKeys === 'kept')
    const again = await plane.live.createStreamKey(ref, 'key-token-after')
    expect(await plane.admits(again.secret)).toBe(true)
  })

  test('timed metadata needs a publisher, fits its size and keeps its rate', async () => {
    await using plane = await open()
    const { bytesMax, perSecond, overRate } = plane.live.features.metadata
    const { ref } = await plane.live.createChannel('token-cues', SETTINGS)
    const put = (payload: string) => plane.live.putMetadata(ref, payload)
    expect(code(await put('{}').catch((error: unknown) => error))).toBe('stream.not-live')
    const { keyRef } = await plane.live.createStreamKey(ref, 'key-token')
    await plane.publish(ref, keyRef, 1)
    expect(Date.parse((await put('{"a":1}')).placedAt)).not.toBeNaN()
    expect(code(await put('ü'.repeat(bytesMax / 2 + 1)).catch((error: unknown) => error))).toBe('cue.too-large')
    for (let sent = 1; sent < perSecond; sent += 1) await put('{}')
    const over = put('{}').catch((error: unknown) => error)
    if (overRate === 'refused') expect(code(await over)).toBe('request.rate-limited')
    else {
      await plane.advance(1_001)
      expect(await over).toEqual({ placedAt: expect.any(String) })
    }
  })
}

/** A new key replaces the only one at once, a deleted one ends at once, and so does the session that runs on it. */
async function keepsOneKey(plane: OpenPlane): Promise<void> {
  const { ref } = await plane.live.createChannel('token-keys', SETTINGS)
  const old = await plane.live.createStreamKey(ref, 'key-token-old')
  const onOld = await plane.publish(ref, old.keyRef, 1)
  const kept = await plane.live.createStreamKey(ref, 'key-token-kept')
  expect([await plane.admits(old.secret), await plane.admits(kept.secret)]).toEqual([false, true])
  expect(onOld.dropped()).toBeDefined()
  const onKept = await plane.publish(ref, kept.keyRef, 1)
  await plane.live.deleteStreamKey(ref, old.keyRef, new Date(plane.nowMs() + 10_000).toISOString())
  expect(onKept.dropped()).toBeUndefined()
  await plane.live.deleteStreamKey(ref, kept.keyRef, new Date(plane.nowMs() + 10_000).toISOString())
  expect(await plane.admits(kept.secret)).toBe(false)
  expect(onKept.dropped()).toBeDefined()
}
