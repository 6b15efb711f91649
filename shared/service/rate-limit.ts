import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export type RateDecision = { allowed: boolean; limit: number; remaining: number; resetS: number }

/** Counts requests per caller and says whether one more is allowed. */
export type RateLimit = (caller: string) => Promise<RateDecision>

/** A limit of `requests` per `windowS` seconds and caller, counted in this process. */
export function rateLimit(options: { requests: number; windowS: number }): RateLimit {
  const limiter = new RateLimiterMemory({ points: options.requests, duration: options.windowS })
  return async caller => {
    try {
      return decision(true, options.requests, await limiter.consume(caller))
    } catch (error) {
      if (error instanceof RateLimiterRes) return decision(false, options.requests, error)
      throw error
    }
  }
}

function decision(allowed: boolean, limit: number, result: RateLimiterRes): RateDecision {
  return {
    allowed,
    limit,
    remaining: Math.max(0, result.remainingPoints),
    resetS: Math.ceil(result.msBeforeNext / 1000),
  }
}
