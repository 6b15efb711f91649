import type { CanaryHop, Plane } from './canary.ts'
import type { SubscriptionName } from './topology.ts'

/** Words of the log line that a synthetic show writes per hop; the alerts of a deployment read it. */
export const CANARY_LINE = {
  message: 'a hop was timed',
  /** The fields beside it. */
  hop: 'hop',
  plane: 'plane',
  milliseconds: 'ms',
} as const

/** How a promise is measured. */
type Measure =
  /** Answers of the front door that are no fault of ours, of all its answers. */
  | { kind: 'answers' }
  /** Timings of synthetic shows that stay within the bound, of all timings. */
  | { kind: 'hop'; hop: CanaryHop; plane: Plane; atMostMs: number }
  /** Minutes in which a consumer's oldest waiting message is younger than the bound, of all minutes. */
  | { kind: 'age'; subscription: SubscriptionName; atMostS: number }
  /** Events their consumers took, of those taken and those set aside. */
  | { kind: 'taken' }

/** One promise to people, as a number. */
export type Slo = {
  name: string
  /** The promise, one sentence. */
  promises: string
  /** Share of good ones that is promised. */
  goal: number
  measure: Measure
  /** One page of docs/runbooks/, without its suffix. */
  runbook: string
}

/** Over how long each promise is kept, in days. */
export const SLO_DAYS = 28

/** Every promise the product makes; each becomes an objective with two alerts, and a page says what to do. */
export const SLOS: readonly Slo[] = [
  {
    name: 'api-availability',
    promises: 'The front door answers.',
    goal: 0.999,
    measure: { kind: 'answers' },
    runbook: 'api-availability',
  },
  {
    name: 'playback-start',
    promises: 'Who opens a live show sees its first picture within two seconds.',
    goal: 0.99,
    measure: { kind: 'hop', hop: 'first-picture', plane: 'selfhost', atMostMs: 2_000 },
    runbook: 'playback-start',
  },
  {
    name: 'playback-start-ivs',
    promises: 'Who opens a live show on IVS sees its first picture within three seconds.',
    goal: 0.99,
    measure: { kind: 'hop', hop: 'first-picture', plane: 'ivs', atMostMs: 3_000 },
    runbook: 'playback-start',
  },
  {
    name: 'clip-time',
    promises: 'A clip of a moment that just was plays within five seconds of being asked for.',
    goal: 0.95,
    measure: { kind: 'hop', hop: 'clip-playable', plane: 'selfhost', atMostMs: 5_000 },
    runbook: 'clip-time',
  },
  {
    // IVS stores the first media of a recording about 50 s in.
    name: 'clip-time-ivs',
    promises: 'A clip of a show on IVS plays within ninety seconds of being asked for.',
    goal: 0.95,
    measure: { kind: 'hop', hop: 'clip-playable', plane: 'ivs', atMostMs: 90_000 },
    runbook: 'clip-time',
  },
  {
    name: 'hand-off-age',
    promises: 'What the media plane reports is known within a minute.',
    goal: 0.995,
    measure: { kind: 'age', subscription: 'media-events--provider', atMostS: 60 },
    runbook: 'hand-off-age',
  },
  {
    name: 'event-loss',
    promises: 'Every event reaches everybody it is for.',
    goal: 0.9999,
    measure: { kind: 'taken' },
    runbook: 'event-loss',
  },
]

/** The promises a deployment with that plane makes. */
export function slosOf(plane: Plane): Slo[] {
  return SLOS.filter(({ measure }) => measure.kind !== 'hop' || measure.plane === plane)
}
