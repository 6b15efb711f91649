import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as fc from 'fast-check'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import { channelsService, type ChannelsService, type Reply } from '#test/helpers/channels-service.ts'
import { planeReports, segmentOf } from '#test/helpers/plane-reports.ts'
import { sized } from '#test/helpers/size.ts'
import type { CreatedChannelAnswer } from './channel-answer.ts'
import { type Absences, reconcileChannels } from './reconcile-channels.ts'
import type { StreamAnswer, StreamLedgerAnswer } from './stream-answer.ts'

// Hundreds of shows through a real database on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 90_000 })

/** Reports of a show that are told in every order, each of them lost or not: 65, 326 or 1957 tellings. */
const REPORTS = sized({ test: 4, prove: 5, full: 6 })
const SEGMENTS = 3
/** Longer than a show may be absent before it is over, in ms. */
const ABSENT_MS = 60_001

let service: ChannelsService
beforeAll(async () => {
  service = await channelsService()
})
afterAll(() => service[Symbol.asyncDispose]())

/** What is told of a show with one reconnect, the most telling ones first. */
function reportsOf(ref: string, streamId: string): ProviderEvent[] {
  const reports = planeReports(ref, streamId)
  const all = [
    reports.started(1, 0),
    reports.stopped(1, 10),
    reports.started(2, 20),
    reports.over(2, 90),
    reports.segment(1, 20),
    reports.stopped(2, 60),
  ]
  return all.slice(0, REPORTS)
}

/** Every order of every subset of the first `count` numbers. */
function everyTelling(count: number): number[][] {
  const grow = (order: number[]): number[][] => [
    order,
    ...Array.from({ length: count }, (_, next) => next)
      .filter(next => !order.includes(next))
      .flatMap(next => grow([...order, next])),
  ]
  return grow([])
}

async function openShow(index: number) {
  const call = service.as(`creator${index}`)
  const body = { title: 'A show', reconnect_window_s: 30 }
  const { body: channel } = (await call('POST', '/v1/channels', body)) as Reply<CreatedChannelAnswer>
  const ref = `ref-${channel.id}`
  const streamId = `play_converges${index}`
  const stored = Array.from({ length: SEGMENTS }, (_, seq) => segmentOf(streamId, seq, seq * 20))
  service.plane.put({ ref, streamId, epoch: 2 })
  service.plane.store(streamId, stored, false)
  return {
    reports: reportsOf(ref, streamId),
    leave: () => {
      service.plane.remove(ref)
      service.plane.store(streamId, stored, true)
    },
    /** What the end of a show begins: its recording is gone through, told or not. */
    archive: async () => {
      const { data } = (await call('GET', `/v1/streams?channel=${channel.id}`)).body as { data: StreamAnswer[] }
      const ended = (await service.events(data[0]?.id ?? '')).find(({ type }) => type === 'stream.ended')
      if (ended === undefined) throw new Error('The show did not end.')
      expect(await service.push('channels--streams', ended)).toBe(204)
      const lease = `/internal/channels/jobs/${service.wakes.at(-1)?.jobId}/lease`
      expect((await service.service(lease, { owner: 'worker' })).status).toBe(200)
    },
    /** What everybody can see of it in the end, and what the world was told. */
    final: async () => {
      const { data } = (await call('GET', `/v1/streams?channel=${channel.id}`)).body as { data: StreamAnswer[] }
      const [stream] = data
      const ledger = (await call('GET', `/v1/streams/${stream?.id}/ledger`)).body as StreamLedgerAnswer
      const events = await service.events(stream?.id ?? '')
      const said = events.map(({ type, epoch }) => (type.startsWith('ingest.') ? `${type} ${epoch}` : type))
      return {
        shows: data.length,
        state: stream?.state,
        epoch: stream?.epoch,
        off: ledger.off,
        indexed: ledger.indexed,
        once: ['stream.started', 'stream.ended'].map(type => said.filter(each => each === type).length),
        segments: said.filter(type => type === 'segment.finalized').length,
        doubled: said.filter((each, at) => each.startsWith('ingest.') && said.indexOf(each) !== at),
        holes: events.filter(({ sequence }, at) => sequence !== at + 1).length,
      }
    },
  }
}

test('every order of a show’s reports, any of them lost, ends in one state with the reconciler’s help, and nothing is told twice', async () => {
  const tellings = everyTelling(REPORTS)
  const shows: Awaited<ReturnType<typeof openShow>>[] = []
  for (const index of tellings.keys()) shows.push(await openShow(index))
  const absences: Absences = new Map()
  const tell = async (part: (order: number[], cut: number) => number[]) => {
    for (const [index, order] of tellings.entries()) {
      // The reconciler comes between any two of them.
      for (const report of part(order, index % (order.length + 1))) {
        const event = shows[index]?.reports[report]
        if (event !== undefined) expect(await service.tell(event)).toBe(204)
      }
    }
  }
  const reconcile = async () => expect((await reconcileChannels(service.deps, absences)).failed).toBe(0)
  await tell((order, cut) => order.slice(0, cut))
  await reconcile()
  await tell((order, cut) => order.slice(cut))
  await tell(order => order.toReversed())
  for (const show of shows) show.leave()
  await reconcile()
  service.clock.nowMs += ABSENT_MS
  await reconcile()
  for (const show of shows) await show.archive()
  const before = await Promise.all(shows.map(async show => await show.final()))
  // Once more of everything: nothing is left to be done.
  await tell(order => order)
  await reconcile()
  const after = await Promise.all(shows.map(async show => await show.final()))
  expect(after).toEqual(before)
  const finals = new Set(after.map(final => JSON.stringify(final)))
  const one = {
    shows: 1,
    state: 'archiving',
    epoch: 2,
    off: 0,
    indexed: SEGMENTS,
    once: [1, 1],
    segments: SEGMENTS,
    doubled: [],
    holes: 0,
  }
  expect([...finals]).toEqual([JSON.stringify(one)])
})

test('random drops, doubles and delays across two shows of one channel leave each ended once', async () => {
  let made = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 11 }), { maxLength: 18 }), async order => {
      const index = (made += 1)
      const call = service.as(`pair${index}`)
      const { body: channel } = (await call('POST', '/v1/channels', { title: 'Two' })) as Reply<CreatedChannelAnswer>
      const ref = `ref-${channel.id}`
      const ids = ['a', 'b'].map(name => `play_pair${name}${index}`)
      const first = planeReports(ref, ids[0] ?? '')
      const second = planeReports(ref, ids[1] ?? '')
      const connections = [
        [first.started(1, 0), first.stopped(1, 10)],
        [first.started(2, 20), first.stopped(2, 60)],
        [first.over(2, 90), first.segment(0, 0)],
        [second.started(1, 120), second.stopped(1, 130)],
        [second.started(2, 140), second.stopped(2, 180)],
        [second.over(2, 210), second.segment(0, 120)],
      ]
      const events = connections.flat()
      for (const id of ids) service.plane.store(id, [segmentOf(id, 0, 0)], true)
      const absences: Absences = new Map()
      for (const at of order) {
        const event = events[at]
        if (event !== undefined) expect(await service.tell(event)).toBe(204)
      }
      await reconcileChannels(service.deps, absences)
      service.clock.nowMs += ABSENT_MS
      await reconcileChannels(service.deps, absences)
      const { data } = (await call('GET', `/v1/streams?channel=${channel.id}`)).body as { data: StreamAnswer[] }
      expect(data.map(({ state }) => state)).toEqual(data.map(() => 'ended'))
      for (const { id } of data) {
        const types = (await service.events(id)).map(({ type }) => type)
        expect(types.filter(type => type === 'stream.started')).toHaveLength(1)
        expect(types.filter(type => type === 'stream.ended')).toHaveLength(1)
        expect(types.filter(type => type === 'segment.finalized').length).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: sized({ test: 20, prove: 100, full: 1_000 }) },
  )
})
