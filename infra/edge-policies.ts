import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { physicalName, type Plan } from './component.ts'

const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S
const YEAR_S = 365 * DAY_S
/** What LL-HLS players ask playlists for (RFC 8216bis 6.2.5); each combination is an answer of its own. */
const RELOAD_DIRECTIVES = ['_HLS_msn', '_HLS_part', '_HLS_skip']

/**
 * How long the edge keeps an answer, in seconds; within the bounds its own `cache-control` decides. `live` are playlists
 * of a running show, `manifest` everything that names files and may change, `media` what never changes.
 */
const CACHES = {
  live: { minTtl: 0, defaultTtl: 1, maxTtl: 5, query: RELOAD_DIRECTIVES, compressed: true },
  manifest: { minTtl: 0, defaultTtl: 5, maxTtl: DAY_S, query: [], compressed: true },
  media: { minTtl: 0, defaultTtl: DAY_S, maxTtl: YEAR_S, query: [], compressed: false },
} as const

export type EdgeCache = keyof typeof CACHES

/** A cache policy of each kind. */
export function edgeCachePolicies(
  plan: Plan,
  own: pulumi.CustomResourceOptions,
): Record<EdgeCache, aws.cloudfront.CachePolicy> {
  const policy = (kind: EdgeCache) => {
    const { minTtl, defaultTtl, maxTtl, query, compressed } = CACHES[kind]
    return new aws.cloudfront.CachePolicy(
      kind,
      {
        name: physicalName(plan, kind),
        minTtl,
        defaultTtl,
        maxTtl,
        parametersInCacheKeyAndForwardedToOrigin: {
          cookiesConfig: { cookieBehavior: 'none' },
          headersConfig: { headerBehavior: 'none' },
          queryStringsConfig:
            query.length === 0
              ? { queryStringBehavior: 'none' }
              : { queryStringBehavior: 'whitelist', queryStrings: { items: [...query] } },
          enableAcceptEncodingGzip: compressed,
          enableAcceptEncodingBrotli: compressed,
        },
      },
      own,
    )
  }
  return { live: policy('live'), manifest: policy('manifest'), media: policy('media') }
}

/** What every answer of the edge carries: any page may play, pages may read timings, nothing is sniffed. */
export function edgeHeadersPolicy(plan: Plan, own: pulumi.CustomResourceOptions): aws.cloudfront.ResponseHeadersPolicy {
  return new aws.cloudfront.ResponseHeadersPolicy(
    'media',
    {
      name: physicalName(plan, 'media'),
      corsConfig: {
        originOverride: true,
        accessControlAllowCredentials: false,
        accessControlAllowOrigins: { items: ['*'] },
        accessControlAllowMethods: { items: ['GET', 'HEAD', 'OPTIONS'] },
        accessControlAllowHeaders: { items: ['range'] },
        accessControlExposeHeaders: { items: ['content-length', 'content-range', 'date', 'x-showreel-refused'] },
        accessControlMaxAgeSec: DAY_S,
      },
      customHeadersConfig: { items: [{ header: 'timing-allow-origin', value: '*', override: true }] },
      securityHeadersConfig: {
        contentTypeOptions: { override: true },
        strictTransportSecurity: { accessControlMaxAgeSec: YEAR_S, override: true },
      },
    },
    own,
  )
}
