import { hash } from 'node:crypto'
import type { Counters } from '#shared/ports/counters/counters.ts'

export type RateDecision = { allowed: boolean; limit: number; remaining: number; resetS: number }

/** Counts requests per caller and says whether one more is allowed; undefined for a caller nobody counts here. */
export type RateLimit = (caller: string) => Promise<RateDecision | undefined>

export type RateLimitOptions = {
  counters: Counters
  /** Per window and caller. */
  requests: number
  windowS: number
  /** Callers whom something in front has counted already, by the beginning of their names. */
  countedBefore?: string
}

const MS_PER_S = 1_000

/** A limit of `requests` per `windowS` seconds and caller, over every instance and service that shares the counters. */
export function rateLimit({ counters, requests, windowS, countedBefore }: RateLimitOptions): RateLimit {
  return async caller => {
    if (countedBefore !== undefined && caller.startsWith(countedBefore)) return undefined
    const { count, leftMs } = await counters.add(`requests:${nameOf(caller)}`, windowS)
    return {
      allowed: count <= requests,
      limit: requests,
      remaining: Math.max(0, requests - count),
      resetS: Math.ceil(leftMs / MS_PER_S),
    }
  }
}

/** As long for one caller as for another, and nobody's name or address. */
function nameOf(caller: string): string {
  return hash('sha256', caller, 'base64url')
}
