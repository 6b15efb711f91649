import type { Clock } from '#shared/domain/clock.ts'
import type { Log } from '#shared/service/log.ts'
import { metadataAccessTokens } from '#shared/service/metadata-access-token.ts'
import { type RateLimit, rateLimit } from '#shared/service/rate-limit.ts'
import { ADDRESS_CALLER } from '#shared/service/service-app.ts'
import { memoryCounters } from '../counters/memory-counters.ts'
import { redisCounters } from '../counters/redis-counters.ts'
import type { Broadcast } from './broadcast.ts'
import { memoryBroadcast } from './memory-broadcast.ts'
import { redisBroadcast } from './redis-broadcast.ts'
import { redisLink } from './redis-link.ts'

export type SharedSettings = {
  /** Empty where the stack has no cache: each instance then stands alone. */
  redisUrl: string
  /** The cache's own authority, PEM; empty where there is none. */
  redisCa: string
  /** Whether the cache asks for the access token of the service's account. */
  redisAuth: 'none' | 'google'
  metadataUrl: URL
  /** Of one person in a minute. */
  requestsPerMinute: number
}

const MINUTE_S = 60

/** What the instances of a deployment's services share. Addresses are counted at the edge, before any service. */
export function sharedBetweenInstances(
  settings: SharedSettings,
  { log, parts, now }: { log: Log; parts: AsyncDisposableStack; now: Clock },
): { broadcast: Broadcast; rateLimit: RateLimit } {
  const { redisUrl: url, redisCa: ca, redisAuth, metadataUrl, requestsPerMinute: requests } = settings
  const limit = { requests, windowS: MINUTE_S, countedBefore: ADDRESS_CALLER }
  if (url === '') {
    return { broadcast: memoryBroadcast(), rateLimit: rateLimit({ counters: memoryCounters({ now }), ...limit }) }
  }
  const password = redisAuth === 'google' ? { password: metadataAccessTokens(metadataUrl) } : {}
  const link = parts.use(redisLink({ url, log, ...password, ...(ca === '' ? {} : { ca }) }))
  const counters = redisCounters({ link, now })
  return { broadcast: redisBroadcast({ link }), rateLimit: rateLimit({ counters, ...limit }) }
}
