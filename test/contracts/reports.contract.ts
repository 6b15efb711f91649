import { expect, test } from 'vitest'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import type { Reports } from '#shared/ports/reports/reports.ts'
import { eventually } from '../helpers/eventually.ts'
import { planeReports } from '../helpers/plane-reports.ts'

/** A way to the far end, and that end. */
export type ReportsUnderTest = {
  reports: Reports
  /** What has arrived so far, as the plane told it; a fact that came twice stands there twice. */
  heard(): Promise<readonly ProviderEvent[]>
  /** Whether the far end takes anything at all. */
  away(isAway: boolean): void
}

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
/** More than any way takes in one event, in characters. */
const TOO_LONG = 300_000
const options = () => ({ attempt: 1, signal: AbortSignal.timeout(30_000) })

/** What every Reports promises. */
export function reportsContract(under: () => ReportsUnderTest): void {
  const show = () => planeReports(`pchn_${Math.random()}`, `play_${Math.random()}`)
  const tell = async (...events: readonly ProviderEvent[]) => await under().reports.tell(events, options())
  const told = async (events: readonly ProviderEvent[], times = 1) => {
    const ids = new Set(events.map(({ id }) => id))
    return await eventually(
      async () => (await under().heard()).filter(({ id }) => ids.has(id)),
      found => expect(found).toHaveLength(events.length * times),
    )
  }

  test('what is taken is heard as it was told: id, instant to the millisecond, trace and every fact', async () => {
    const of = show()
    const events = [of.started(1, 0.123), of.segment(0, 1.5), of.health('good', 1, 2.001), of.recordingEnded(1, 3)].map(
      event => ({
        ...event,
        traceparent: TRACE,
      }),
    )
    for (const event of events) expect(await tell(event)).toEqual(['taken'])
    const heard = await told(events)
    for (const { id, time, traceparent, resources, detail, source } of events) {
      const found = heard.find(each => each.id === id)
      expect(found).toMatchObject({ time, traceparent, resources, source })
      expect(found?.detail).toEqual(detail)
    }
  })

  test('as many as one call may carry get a verdict each', async () => {
    const of = show()
    const events = Array.from({ length: under().reports.eventsMax }, (_, seq) => of.segment(seq, seq))
    expect(await tell(...events)).toEqual(events.map(() => 'taken'))
    await told(events)
  })

  test('a fact that is told twice is the same fact', async () => {
    const event = show().started(1, 0)
    expect([await tell(event), await tell(event)]).toEqual([['taken'], ['taken']])
    await told([event], 2)
  })

  test('while the far end is away nothing counts as taken, and afterwards everything can be told', async () => {
    const events = [show().started(1, 0), show().started(1, 0)]
    under().away(true)
    for (const event of events) {
      const verdicts = await tell(event).catch(() => ['later'])
      expect(verdicts).toEqual(['later'])
    }
    under().away(false)
    for (const event of events) expect(await tell(event)).toEqual(['taken'])
    await told(events)
  })

  test('what is too long to be taken is refused, and does not stand in the way', async () => {
    const of = show()
    const long = of.over(1, 2)
    const poison = { ...long, detail: { ...long.detail, channel_name: 'x'.repeat(TOO_LONG) } } as ProviderEvent
    expect(await tell(poison)).toEqual(['refused'])
    expect(await tell(of.started(1, 0))).toEqual(['taken'])
  })

  test('a call that nobody waits for any more ends', async () => {
    const stop = AbortSignal.abort(new Error('enough'))
    await expect(under().reports.tell([show().started(1, 0)], { attempt: 1, signal: stop })).rejects.toThrow()
  })
}
