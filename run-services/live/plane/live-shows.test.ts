import { expect, test } from 'vitest'
import { eventually } from '#test/helpers/eventually.ts'
import { namesOf, planeRig, SETTINGS } from '#test/helpers/plane-rig.ts'

type Rig = Awaited<ReturnType<typeof planeRig>>

async function channelWithKey(rig: Rig, settings = SETTINGS) {
  const { ref } = await rig.records.create('channel-token', settings)
  const { keyRef, secret } = await rig.records.createKey(ref, 'key-token')
  return { ref, keyRef, secret }
}

async function onAir(rig: Rig, ref: string, keyRef: string) {
  const publisher = rig.publisher(ref, keyRef)
  const running = rig.live.publish(publisher.publication)
  const before = rig.encoders.length
  await eventually(() => expect(rig.encoders.length).toBe(before + 1))
  return { ...publisher, running }
}

test('a show is told from its first playable part to its end, each fact once and in order', async () => {
  await using rig = await planeRig()
  const { ref, keyRef } = await channelWithKey(rig)
  const first = await onAir(rig, ref, keyRef)
  rig.shows[0]?.request.events.epochPlayable(1)
  await rig.store1(1)
  first.leave()
  await first.running
  expect(rig.live.slots.get(ref)?.show?.leased().state).toBe('waiting')
  rig.clock.ms += 31_000
  await rig.tick()
  expect(namesOf(await rig.told())).toEqual([
    'Stream Start',
    'Recording Start',
    'Segment Stored 0',
    'Stream End',
    'Session Ended',
    'Recording End',
  ])
  expect(rig.live.slots.size).toBe(0)
  expect([...rig.journals.values()].map(journal => journal.closed)).toEqual([true])
})

test('a publisher that returns within the window goes on with the same show, in a new epoch', async () => {
  await using rig = await planeRig()
  const { ref, keyRef } = await channelWithKey(rig)
  const first = await onAir(rig, ref, keyRef)
  await rig.store1(1)
  first.leave('connection-lost')
  await first.running
  rig.clock.ms += 20_000
  await rig.tick()
  const second = await onAir(rig, ref, keyRef)
  await rig.store1(2)
  expect(rig.shows).toHaveLength(1)
  expect(rig.shows[0]?.epochs).toEqual([1, 2])
  const starts = (await rig.told()).filter(event => event['detail-type'] === 'Stream State Change')
  expect(starts.map(event => event.detail.epoch)).toEqual([1, 1, 2])
  expect(new Set(starts.map(event => event.detail.stream_id)).size).toBe(1)
  second.leave()
  await second.running
})

test('a second publisher on a live channel is dropped and the first one stays', async () => {
  await using rig = await planeRig()
  const { ref, keyRef } = await channelWithKey(rig)
  const first = await onAir(rig, ref, keyRef)
  const second = rig.publisher(ref, keyRef)
  await rig.live.publish(second.publication)
  expect(second.dropped()).toContain('already live')
  expect(first.dropped()).toBeUndefined()
  expect(rig.encoders).toHaveLength(1)
  first.leave()
  await first.running
})

test('a connection that never became playable leaves no trace', async () => {
  await using rig = await planeRig()
  const { ref, keyRef } = await channelWithKey(rig)
  const first = await onAir(rig, ref, keyRef)
  first.leave()
  await first.running
  expect(await rig.told()).toEqual([])
  expect(rig.live.slots.size).toBe(0)
})

test('a key that was rotated away ends its session when its grace is over', async () => {
  await using rig = await planeRig()
  const { ref, keyRef } = await channelWithKey(rig)
  const first = await onAir(rig, ref, keyRef)
  await rig.store1(1)
  await rig.records.expireKey(ref, keyRef, rig.clock.ms + 4_000)
  rig.clock.ms += 3_000
  await rig.tick()
  expect(first.dropped()).toBeUndefined()
  rig.clock.ms += 3_000
  await rig.tick()
  expect(first.dropped()).toContain('no longer valid')
})

test('stopping a show ends it at once, without a window', async () => {
  await using rig = await planeRig()
  const { ref, keyRef } = await channelWithKey(rig)
  const first = await onAir(rig, ref, keyRef)
  await rig.store1(1)
  await rig.live.stop(ref, 'stopped')
  expect(first.dropped()).toBeDefined()
  expect(namesOf(await rig.told()).slice(-3)).toEqual(['Stream End', 'Session Ended', 'Recording End'])
})

test('after a crash the show waits, what was not told is told, and the publisher goes on with it', async () => {
  await using before = await planeRig()
  const { ref, keyRef } = await channelWithKey(before)
  await onAir(before, ref, keyRef)
  await before.store1(1)
  before.clock.ms += 5_000
  await before.tick()
  // Stored, but the process died before it could be told.
  const [streamId = ''] = before.journals.keys()
  const journal = before.journals.get(streamId)
  journal?.segments.push({ ...journal.segments[0], seq: 1 } as (typeof journal.segments)[number])

  const { directory, journals } = before
  await using after = await planeRig({ directory, journals, startMs: before.clock.ms + 2_000 })
  await after.restore()
  expect(after.live.slots.get(ref)?.show?.leased().state).toBe('waiting')
  const names = namesOf(await after.told())
  expect(names.filter(name => name === 'Segment Stored 1')).toHaveLength(1)
  expect(names.at(-1)).toBe('Stream End')
  const again = await onAir(after, ref, keyRef)
  await after.store1(after.shows.at(-1)?.epochs.at(-1) ?? 0)
  expect(after.shows.at(-1)?.request.streamId).toBe(streamId)
  expect(after.shows.at(-1)?.epochs.at(-1)).toBeGreaterThan(1)
  again.leave()
  await again.running
})

test('a show whose window passed while its process was dead ends once', async () => {
  await using before = await planeRig()
  const { ref, keyRef } = await channelWithKey(before)
  await onAir(before, ref, keyRef)
  await before.store1(1)
  await before.live.slots.get(ref)?.show?.renew()
  const { directory, journals } = before
  await using after = await planeRig({ directory, journals, startMs: before.clock.ms + 60_000 })
  await after.restore()
  await after.tick()
  await after.tick()
  const names = namesOf(await after.told())
  expect(names.filter(name => name === 'Session Ended')).toHaveLength(1)
  expect(after.live.slots.size).toBe(0)
  await using third = await planeRig({ directory, journals, startMs: before.clock.ms + 70_000 })
  await third.restore()
  expect(third.live.slots.size).toBe(0)
})

test('a channel that another live process holds is not taken, and is once that process is dead', async () => {
  await using one = await planeRig({ owner: 'live-1' })
  const { ref, keyRef } = await channelWithKey(one)
  await onAir(one, ref, keyRef)
  await one.store1(1)
  const { directory, journals } = one
  await using other = await planeRig({ directory, journals, owner: 'live-2', startMs: one.clock.ms + 1_000 })
  const refused = other.publisher(ref, keyRef)
  await other.live.publish(refused.publication)
  expect(refused.dropped()).toContain('already live')
  await other.restore()
  expect(other.live.slots.size).toBe(0)
  other.clock.ms += 20_000
  await other.restore()
  expect(other.live.slots.get(ref)?.show?.streamId).toBe(one.shows[0]?.request.streamId)
  await expect(one.live.slots.get(ref)?.lease?.renew()).rejects.toThrow('Another process')
  await one.tick()
  expect(one.live.slots.get(ref)?.show).toBeUndefined()
})

test('a show that waits comes along to the instance its publisher comes back by; the other lets go and ends nothing', async () => {
  await using one = await planeRig({ owner: 'live-1' })
  const { ref, keyRef } = await channelWithKey(one)
  const first = await onAir(one, ref, keyRef)
  await one.store1(1)
  first.leave('connection-lost')
  await first.running
  const { directory, journals } = one
  await using other = await planeRig({ directory, journals, owner: 'live-2', startMs: one.clock.ms + 1_000 })
  await other.restore()
  expect(other.live.slots.size, 'waiting shows of a live instance stay').toBe(0)

  const second = await onAir(other, ref, keyRef)
  expect(other.live.slots.get(ref)?.show?.streamId).toBe(one.shows[0]?.request.streamId)
  await other.store1(2)
  one.clock.ms += 31_000
  await one.tick()
  await eventually(async () => {
    await one.tick()
    expect(one.live.slots.size).toBe(0)
    return true
  })
  second.leave()
  await second.running
  other.clock.ms += 31_000
  await other.tick()
  const told = await other.told()
  const facts = new Set(told.map(({ id }) => id))
  expect([...facts].map(id => namesOf(told.filter(event => event.id === id))[0])).toEqual(
    expect.arrayContaining(['Stream Start', 'Segment Stored 0', 'Segment Stored 1', 'Session Ended', 'Recording End']),
  )
  expect(namesOf(told).filter(name => name === 'Session Ended' || name === 'Recording End')).toHaveLength(2)
  expect(new Set(told.map(({ detail }) => detail.stream_id)).size).toBe(1)
})
