import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { AccessPoint } from './edge-access-point.ts'
import { physicalName, type Plan } from './component.ts'
import type { Media } from './media.ts'

/** What the second origin of a pair is asked for: what the first lacks, and every failure of it. */
const FAILOVER_STATUS = [403, 404, 500, 502, 503, 504]
const CONNECT_ATTEMPTS = 2
const CONNECT_TIMEOUT_S = 4
const KEEPALIVE_S = 60
/** A playlist that blocks until its part is there answers well within this, in s. */
const READ_TIMEOUT_S = 30

type Origin = aws.types.input.cloudfront.DistributionOrigin
type OriginGroup = aws.types.input.cloudfront.DistributionOriginGroup

/** Where the edge asks: named origins, and pairs of them of which the second answers what the first cannot. */
export type EdgeOrigins = { origins: Origin[]; groups: OriginGroup[] }

function pairOf(originId: string, members: [string, string]): OriginGroup {
  return {
    originId,
    failoverCriteria: { statusCodes: FAILOVER_STATUS },
    members: members.map(member => ({ originId: member })),
  }
}

/**
 * Stored media as the origin `store`. `regional`: the home region's bucket, behind it the other region's. `sigv4a`: the
 * multi-region access point, behind it the home region's bucket.
 */
export function storeOrigins(
  plan: Plan,
  media: Media,
  accessPoint: AccessPoint,
  own: pulumi.CustomResourceOptions,
): EdgeOrigins {
  const { config, sizing } = plan
  const access = (name: string, signingProtocol: 'sigv4' | 'sigv4a') =>
    new aws.cloudfront.OriginAccessControl(
      name,
      {
        name: physicalName(plan, name),
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol,
      },
      own,
    ).id
  const origin = (originId: string, domainName: pulumi.Input<string>, accessId: pulumi.Input<string>): Origin => ({
    originId,
    domainName,
    originAccessControlId: accessId,
    connectionAttempts: CONNECT_ATTEMPTS,
    connectionTimeout: CONNECT_TIMEOUT_S,
    originShield: { enabled: sizing.originShield, originShieldRegion: config.aws.home },
  })
  const regional = access('store', 'sigv4')
  const home = origin('store-home', media.home.bucket.bucketRegionalDomainName, regional)
  if (config.originSigning === 'regional') {
    const pair = origin('store-pair', media.pair.bucket.bucketRegionalDomainName, regional)
    return { origins: [home, pair], groups: [pairOf('store', ['store-home', 'store-pair'])] }
  }
  const everywhere = origin('store-everywhere', accessPoint.domainName, access('store-everywhere', 'sigv4a'))
  return { origins: [everywhere, home], groups: [pairOf('store', ['store-everywhere', 'store-home'])] }
}

/** Live media of the self-hosted plane as the origin `plane`: the home region's, behind it the other region's. */
export function planeOrigins(plan: Plan, hostOf: (region: string) => string): EdgeOrigins {
  const { home, pair } = plan.config.aws
  const origin = (originId: string, region: string): Origin => ({
    originId,
    domainName: hostOf(region),
    connectionAttempts: CONNECT_ATTEMPTS,
    connectionTimeout: CONNECT_TIMEOUT_S,
    originShield: { enabled: plan.sizing.originShield, originShieldRegion: region },
    customOriginConfig: {
      httpPort: 80,
      httpsPort: 443,
      originProtocolPolicy: 'https-only',
      originSslProtocols: ['TLSv1.2'],
      originKeepaliveTimeout: KEEPALIVE_S,
      originReadTimeout: READ_TIMEOUT_S,
    },
  })
  return {
    origins: [origin('plane-home', home), origin('plane-pair', pair)],
    groups: [pairOf('plane', ['plane-home', 'plane-pair'])],
  }
}
