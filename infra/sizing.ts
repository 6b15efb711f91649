import type { InfraConfig } from './config.ts'

/** What differs between the tiers, and nothing else does. */
export type Sizing = {
  /** State is protected from deletion. */
  protect: boolean
  spanner: { processingUnits: number } | { processingUnitsMin: number; processingUnitsMax: number }
  /** How long logs are kept, in days. */
  logDays: number
  /** How long untouched media stays in the first storage class, in days. */
  warmDays: number
  backupDays: number
  /** Whether services also run in the second Google region. */
  secondRegion: boolean
  /** Machines of the media plane and of workers: the instance types tried, cheapest first. */
  encoderInstances: readonly string[]
  /** Cores of each of them. */
  encoderCores: number
  encoderMachinesMax: number
  /** A cache before the origins that all edges share: fewer requests reach S3, each costs. */
  originShield: boolean
  /** Which of CloudFront's places serve. */
  edgePriceClass: 'PriceClass_200' | 'PriceClass_All'
  /** How often a synthetic show runs, in minutes. */
  canaryMinutes: number
}

const TIERS: Record<InfraConfig['tier'], Sizing> = {
  dev: {
    protect: false,
    spanner: { processingUnits: 100 },
    logDays: 14,
    warmDays: 30,
    backupDays: 3,
    secondRegion: false,
    encoderInstances: ['c7i.large', 'c6i.large'],
    encoderCores: 2,
    encoderMachinesMax: 4,
    originShield: false,
    edgePriceClass: 'PriceClass_200',
    canaryMinutes: 360,
  },
  prod: {
    protect: true,
    spanner: { processingUnitsMin: 1_000, processingUnitsMax: 5_000 },
    logDays: 90,
    warmDays: 60,
    backupDays: 30,
    secondRegion: true,
    encoderInstances: ['c7i.2xlarge', 'c6i.2xlarge', 'm7i.2xlarge', 'm6i.2xlarge'],
    encoderCores: 8,
    encoderMachinesMax: 60,
    originShield: true,
    edgePriceClass: 'PriceClass_All',
    canaryMinutes: 15,
  },
}

export function sizingOf({ tier }: InfraConfig): Sizing {
  return TIERS[tier]
}
