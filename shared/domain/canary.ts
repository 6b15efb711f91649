import { derivedId } from './id.ts'

/** Which media plane carries a show. */
export const PLANES = ['selfhost', 'ivs'] as const
export type Plane = (typeof PLANES)[number]

type HopRow = {
  name: string
  /** What is timed, for people. */
  says: string
  /** Longest it may take, in ms, by plane. IVS stores the first media of a recording about 50 s in. */
  budgetMs: Readonly<Record<Plane, number>>
}

/** Every hop of a synthetic show, in the order a moment takes them. */
export const CANARY_HOPS = [
  { name: 'ingest', says: 'connected → the door took the key', budgetMs: { selfhost: 2_000, ivs: 5_000 } },
  {
    name: 'provider-event',
    says: 'the door took the key → the plane reported the show',
    budgetMs: { selfhost: 4_000, ivs: 15_000 },
  },
  {
    name: 'hand-off',
    says: 'reported → on the bus of the services',
    budgetMs: { selfhost: 5_000, ivs: 10_000 },
  },
  { name: 'bus', says: 'on the bus → delivered', budgetMs: { selfhost: 3_000, ivs: 3_000 } },
  {
    name: 'committed',
    says: 'on the bus → the show is in the system of record',
    budgetMs: { selfhost: 3_000, ivs: 3_000 },
  },
  {
    name: 'change-feed',
    says: 'committed → its event is on the bus',
    budgetMs: { selfhost: 3_000, ivs: 3_000 },
  },
  {
    name: 'first-picture',
    says: 'a viewer asks → the first picture is there',
    budgetMs: { selfhost: 2_000, ivs: 3_000 },
  },
  { name: 'encode', says: 'a frame was sent → it can be fetched', budgetMs: { selfhost: 2_000, ivs: 8_000 } },
  {
    name: 'segment-closed',
    says: 'a segment’s last frame was sent → the segment is listed whole',
    budgetMs: { selfhost: 3_000, ivs: 12_000 },
  },
  {
    name: 'stored',
    says: 'a segment’s last frame was sent → a segment is stored',
    budgetMs: { selfhost: 5_000, ivs: 120_000 },
  },
  { name: 'clip-playable', says: 'asked for a clip → it plays', budgetMs: { selfhost: 5_000, ivs: 90_000 } },
  {
    name: 'clip-rendered',
    says: 'asked for a clip → every shape of it is made',
    budgetMs: { selfhost: 60_000, ivs: 180_000 },
  },
  { name: 'feed', says: 'rendered → found in the feed', budgetMs: { selfhost: 10_000, ivs: 10_000 } },
] as const satisfies readonly HopRow[]

export type CanaryHop = (typeof CANARY_HOPS)[number]['name']

/** Names of the hops, for whoever checks input. */
export const CANARY_HOP_NAMES = CANARY_HOPS.map(({ name }) => name) as [CanaryHop, ...CanaryHop[]]

/** How ids of creators begin who only make synthetic shows; one of 2⁴⁰ people would have it by chance. */
const SYNTHETIC_CREATOR = 'crtr_canaries'

/** The id of a creator of synthetic shows, by the digest that names it. */
export function syntheticCreatorId(digest: Uint8Array): string {
  return SYNTHETIC_CREATOR + derivedId('creator', digest).slice(SYNTHETIC_CREATOR.length)
}

/** Whether what this creator makes is synthetic: nobody else is shown it, and no number counts it. */
export function isSynthetic(creatorId: string): boolean {
  return creatorId.startsWith(SYNTHETIC_CREATOR)
}

/** What a synthetic show is seen to do inside the system, each an instant that its events tell. */
export const CANARY_MARKS = ['reported', 'handed-off', 'delivered', 'committed', 'relayed', 'told'] as const
export type CanaryMark = (typeof CANARY_MARKS)[number]

/** One timing of a run against its budget. `ms` is null where the hop did not happen. */
export type TimedHop = { name: CanaryHop; ms: number | null; budget_ms: number; held: boolean }

/** Every hop with its budget; one that was not timed did not happen, and is not held. */
export function judgeHops(plane: Plane, timed: Partial<Record<CanaryHop, number>>): TimedHop[] {
  return CANARY_HOPS.map(({ name, budgetMs }) => {
    const ms = timed[name] ?? null
    return { name, ms, budget_ms: budgetMs[plane], held: ms !== null && ms <= budgetMs[plane] }
  })
}

/** How a run ended: every hop held, one broke its budget, or it was not seen through. */
export function runVerdict(hops: readonly TimedHop[], failure: string | undefined): 'held' | 'breached' | 'failed' {
  if (failure !== undefined) return 'failed'
  return hops.every(({ held }) => held) ? 'held' : 'breached'
}
