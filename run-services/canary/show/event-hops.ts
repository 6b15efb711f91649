import type { CanaryHop, CanaryMark } from '#shared/domain/canary.ts'

type Marks = Partial<Record<CanaryMark, string | undefined>>

/**
 * What the events of a show's beginning tell of its way through both clouds, in ms; `acceptedMs` is when the door took its
 * key. A hop whose ends were not both seen is left out. Clocks of several machines differ: no hop is less than nothing.
 */
export function eventHops(acceptedMs: number, marks: Marks): Partial<Record<CanaryHop, number>> {
  const at = (mark: CanaryMark) => (marks[mark] === undefined ? undefined : Date.parse(marks[mark]))
  const ways: [CanaryHop, number | undefined, number | undefined][] = [
    ['provider-event', acceptedMs, at('reported')],
    ['hand-off', at('reported'), at('handed-off')],
    ['bus', at('handed-off'), at('delivered')],
    ['committed', at('handed-off'), at('committed')],
    ['change-feed', at('committed'), at('relayed')],
  ]
  return Object.fromEntries(
    ways.flatMap(([hop, from, to]) =>
      from === undefined || to === undefined ? [] : [[hop, Math.max(0, to - from)] as const],
    ),
  )
}
