import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Clock } from '#shared/domain/clock.ts'
import type { RedisLink } from '../broadcast/redis-link.ts'
import type { Counters } from './counters.ts'
import { memoryCounters } from './memory-counters.ts'

export type RedisCountersOptions = {
  link: RedisLink
  now: Clock
}

const PREFIX = 'count'

/**
 * Counters in Redis or Valkey, one for all instances.
 *
 * One script adds and starts the window, so no counter is left without an end. While the link is down this process counts
 * for itself; the link says so in the log.
 */
export function redisCounters({ link, now }: RedisCountersOptions): Counters {
  const shared = new RateLimiterRedis({
    storeClient: link.redis,
    keyPrefix: PREFIX,
    points: 1,
    duration: 1,
    rejectIfRedisNotReady: true,
  })
  const alone = memoryCounters({ now })
  return {
    add: async (key, windowS) => {
      try {
        const { consumedPoints, msBeforeNext } = await shared.penalty(key, 1, { customDuration: windowS })
        return { count: consumedPoints, leftMs: msBeforeNext }
      } catch {
        return await alone.add(key, windowS)
      }
    },
  }
}
