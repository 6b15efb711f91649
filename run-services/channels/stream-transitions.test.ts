import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { channelTransition } from './channel-transition.ts'
import { isOpen, type LifeEvent, type StreamFact, type StreamLife } from './stream-life.ts'
import { streamTransition } from './stream-transitions.ts'
import { sized } from '#test/helpers/size.ts'

/** Shuffled, doubled and broken tellings tried by each property (R3). */
const RUNS = sized({ test: 200, prove: 500, full: 20_000 })

const WINDOW_MS = 30_000
const T0 = Date.parse('2026-11-21T18:00:00.000Z')
const at = (s: number) => new Date(T0 + s * 1000).toISOString()
const started = (epoch: number, s: number): StreamFact => ({
  kind: 'started',
  epoch,
  at: at(s),
  protocol: 'rtmp',
  media: null,
})
const stopped = (epoch: number, s: number): StreamFact => ({
  kind: 'stopped',
  epoch,
  at: at(s),
  reason: 'connection-lost',
})
const over = (epoch: number, s: number, reason = 'reconnect-window'): StreamFact => ({
  kind: 'over',
  epoch,
  at: at(s),
  reason,
})

function live(facts: readonly StreamFact[]) {
  let life: StreamLife | undefined
  const events: LifeEvent[] = []
  for (const fact of facts) {
    const next = streamTransition(life, fact, WINDOW_MS)
    life = next.life
    events.push(...next.events)
  }
  return { life, events, types: events.map(event => `${event.type} ${event.epoch}`) }
}

/** A show as the plane tells it: connections with pauses, then its end; times grow. */
const show = fc
  .array(
    fc.record({
      air: fc.integer({ min: 1, max: 50 }),
      pause: fc.integer({ min: 1, max: 25 }),
      skip: fc.integer({ min: 1, max: 3 }),
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map(connections => {
    const facts: StreamFact[] = []
    let s = 0
    let epoch = 0
    for (const { air, pause, skip } of connections) {
      epoch += skip
      facts.push(started(epoch, s), { kind: 'seen', at: at(s + air / 2) }, stopped(epoch, s + air))
      s += air + pause
    }
    facts.push(over(epoch, s + 30))
    return { facts, lastS: s + 30 }
  })

type Told = { streamId: string; fact: StreamFact }

/** Everything a channel knows after tellings of several shows. */
function tell(tellings: readonly Told[]) {
  const lives = new Map<string, StreamLife>()
  const events: string[] = []
  for (const { streamId, fact } of tellings) {
    const other = [...lives].find(([id, life]) => id !== streamId && isOpen(life.state))
    const next = channelTransition(
      other && { streamId: other[0], life: other[1] },
      { streamId, life: lives.get(streamId) },
      fact,
      WINDOW_MS,
    )
    lives.set(streamId, next.target.life)
    for (const event of next.target.events) events.push(`${streamId} ${event.type} ${event.epoch}`)
    if (other && next.other) {
      lives.set(other[0], next.other.life)
      for (const event of next.other.events) events.push(`${other[0]} ${event.type} ${event.epoch}`)
    }
  }
  return { lives, events }
}

/** Two shows of one channel, one after the other. */
const twoShows = fc.tuple(show, show).map(([first, second]) => {
  const shift = (fact: StreamFact): StreamFact => ({
    ...fact,
    at: new Date(Date.parse(fact.at) + (first.lastS + 5) * 1000).toISOString(),
  })
  return [
    ...first.facts.map(fact => ({ streamId: 'a', fact })),
    ...second.facts.map(fact => ({ streamId: 'b', fact: shift(fact) })),
  ]
})

const disorder = <Item>(items: readonly Item[], order: readonly number[]): Item[] =>
  items
    .map((item, index) => ({ item, place: order[index % order.length] ?? 0 }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)

describe('streamTransition', () => {
  test('a show begins, loses its publisher, resumes and ends, each told once', () => {
    const { life, types } = live([started(1, 0), stopped(1, 10), started(2, 15), stopped(2, 60), over(2, 90)])
    expect(types).toEqual([
      'stream.started 1',
      'ingest.connected 1',
      'ingest.disconnected 1',
      'stream.reconnecting 1',
      'ingest.connected 2',
      'stream.resumed 2',
      'ingest.disconnected 2',
      'stream.reconnecting 2',
      'stream.ended 2',
    ])
    expect(life).toMatchObject({
      state: 'ended',
      epoch: 2,
      startedAt: at(0),
      endedAt: at(60),
      reason: 'reconnect-window',
    })
  })

  test('the reconnect window counts from the loss, not from when it was heard of', () => {
    expect(live([started(1, 0), stopped(1, 10)]).life).toMatchObject({ state: 'reconnecting', reconnectUntil: at(40) })
  })

  test('an end before its start gives the same life', () => {
    expect(live([over(1, 40), stopped(1, 10), started(1, 0)]).life).toEqual(
      live([started(1, 0), stopped(1, 10), over(1, 40)]).life,
    )
  })

  test('the end of an older connection does not interrupt a newer one', () => {
    expect(live([started(1, 0), started(2, 12), stopped(1, 11)]).life).toMatchObject({ state: 'live', epoch: 2 })
  })

  test('a connection whose end nobody told ended when the next one began', () => {
    const { life, types } = live([started(1, 0), started(2, 12)])
    expect(life?.sessions[0]).toMatchObject({ disconnectedAt: at(12), reason: 'inferred' })
    expect(types).toEqual([
      'stream.started 1',
      'ingest.connected 1',
      'ingest.disconnected 1',
      'ingest.connected 2',
      'stream.resumed 2',
    ])
  })

  test('what the plane has now makes good what it did not tell', () => {
    const present: StreamFact = {
      kind: 'present',
      epoch: 3,
      at: at(50),
      startedAt: at(0),
      protocol: 'rtmp',
      media: null,
      waitingUntil: null,
    }
    expect(live([present]).life).toMatchObject({ state: 'live', epoch: 3, startedAt: at(0) })
    expect(live([started(1, 0), { ...present, epoch: 1, waitingUntil: at(55) }]).life).toMatchObject({
      state: 'reconnecting',
      reconnectUntil: at(55),
    })
  })

  test('what the owner did stays the reason', () => {
    expect(live([started(1, 0), over(1, 9, 'completed'), stopped(1, 10), over(1, 10, 'stopped')]).life).toMatchObject({
      reason: 'completed',
      endedAt: at(10),
    })
  })

  test('no order and no number of tellings changes what is known in the end, or tells anything twice', () => {
    fc.assert(
      fc.property(
        twoShows,
        fc.array(fc.nat(), { minLength: 40, maxLength: 80 }),
        fc.array(fc.nat(200), { maxLength: 30 }),
        (facts, order, again) => {
          const doubled = [...facts, ...again.flatMap(index => facts[index % facts.length] ?? [])]
          const calm = tell(facts)
          const mad = tell(disorder(doubled, order))
          expect(mad.lives.get('a')).toEqual(calm.lives.get('a'))
          expect(mad.lives.get('b')).toEqual(calm.lives.get('b'))
          const once = mad.events.filter(line => /ingest|started|ended/.test(line))
          expect(new Set(once).size).toBe(once.length)
          for (const streamId of ['a', 'b']) {
            const own = mad.events.filter(line => line.startsWith(streamId))
            expect(own[0]).toContain('stream.started')
            expect(own.filter(line => line.includes('stream.ended'))).toHaveLength(1)
          }
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('an older show that is heard of late does not end the one on the air', () => {
    fc.assert(
      fc.property(twoShows, fc.array(fc.nat(), { minLength: 20, maxLength: 40 }), (facts, order) => {
        const older = facts.filter(({ streamId }) => streamId === 'a')
        const [first] = facts.filter(({ streamId }) => streamId === 'b')
        const { lives, events } = tell(first === undefined ? [] : [first, ...disorder(older, order)])
        expect(lives.get('b')?.state).toBe('live')
        expect(lives.get('a')?.state).toBe('ended')
        expect(events.filter(line => line.includes('stream.ended'))).toHaveLength(1)
      }),
      { numRuns: RUNS },
    )
  })

  test('at every moment at most one show of a channel is open', () => {
    fc.assert(
      fc.property(twoShows, fc.array(fc.nat(), { minLength: 40, maxLength: 80 }), (facts, order) => {
        const told = disorder(facts, order)
        const { lives } = tell(told.slice(0, Math.ceil(told.length / 2)))
        expect([...lives.values()].filter(({ state }) => isOpen(state)).length).toBeLessThanOrEqual(1)
      }),
      { numRuns: RUNS },
    )
  })

  test('with tellings lost, asking the plane ends in the same state', () => {
    fc.assert(
      fc.property(
        twoShows,
        fc.array(fc.nat(), { minLength: 40, maxLength: 80 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (facts, order, lost) => {
          const kept = disorder(
            facts.filter((_, index) => lost[index % lost.length] === false),
            order,
          )
          const last = facts.at(-1)
          const { lives } = tell(kept)
          const open = [...lives].filter(([, life]) => isOpen(life.state))
          const absent = open.map(([streamId, life]): Told => ({
            streamId,
            fact: { kind: 'over', epoch: life.epoch, at: last?.fact.at ?? at(0), reason: 'absent' },
          }))
          const reconciled = tell([...kept, ...absent])
          for (const [streamId, life] of reconciled.lives) {
            expect(life.state).toBe('ended')
            const told = reconciled.events.filter(
              line => line === `${streamId} stream.ended ${life.epoch}` || line.startsWith(`${streamId} stream.ended`),
            )
            expect(told).toHaveLength(1)
            expect(Date.parse(life.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(life.startedAt))
          }
        },
      ),
      { numRuns: RUNS },
    )
  })
})
