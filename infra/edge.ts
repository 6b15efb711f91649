import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { Alerting } from './alerting.ts'
import { awsAlarm } from './aws-alarm.ts'
import type { Statement } from './aws-policy.ts'
import { Component, physicalName, type Plan } from './component.ts'
import { type AccessPoint, edgeAccessPoint, letEdgeRead } from './edge-access-point.ts'
import { type EdgeOrigins, planeOrigins, storeOrigins } from './edge-origins.ts'
import { type EdgeCache, edgeCachePolicies, edgeHeadersPolicy } from './edge-policies.ts'
import { EDGE_REDIRECT_FUNCTION } from './edge-redirect-function.ts'
import type { Media } from './media.ts'
import type { MediaBucket } from './media-bucket.ts'
import { EDGE_REGION, type Names } from './names.ts'
import { PLAYBACK_TOKEN_FUNCTION } from './playback-token-function.ts'

const RUNTIME = 'cloudfront-js-2.0'
const METHODS = ['GET', 'HEAD', 'OPTIONS']
/** More of a minute's answers than this are failures of ours: it rings, in percent. */
const FAILED_PERCENT = 1
/** Files of a running show that never change; all else below `/live/` may. */
const LIVE_MEDIA = ['/live/*.m4s', '/live/*.mp4'] as const
const MANIFESTS = ['*.m3u8', '*.mpd'] as const

type Behaviour = { pattern: string; cache: EdgeCache; origin: 'store' | 'plane' }

/** Which paths lead where and how long their answers keep, first match; what none matches is stored media. */
function edgeBehaviours({ config }: Plan): Behaviour[] {
  const manifests: Behaviour[] = MANIFESTS.map(pattern => ({ pattern, cache: 'manifest', origin: 'store' }))
  if (config.mediaPlane === 'ivs') return manifests
  const live: Behaviour[] = [
    ...LIVE_MEDIA.map(pattern => ({ pattern, cache: 'media' as const, origin: 'plane' as const })),
    { pattern: '/live/*', cache: 'live', origin: 'plane' },
  ]
  const withToken = live.map(row => ({ ...row, pattern: `/t/*${row.pattern}` }))
  return [...live, ...withToken, ...manifests]
}

type Others = { alerting: Alerting; media: Media; names: Names }

/** What viewers ask for media: CloudFront before both regions' buckets and, self-hosted, before the plane's doors. */
export class Edge extends Component {
  readonly distribution: aws.cloudfront.Distribution
  readonly accessPoint: AccessPoint
  /** Who may play what, read at the edge; channels writes it. */
  readonly playbackRules: aws.cloudfront.KeyValueStore
  readonly host: string
  readonly #plan: Plan

  constructor(plan: Plan, { alerting, media, names }: Others) {
    super('Edge', 'edge', plan)
    this.#plan = plan
    this.host = names.hosts.media
    this.accessPoint = edgeAccessPoint(plan, media, this.own)
    this.playbackRules = new aws.cloudfront.KeyValueStore(
      'playback',
      { name: physicalName(plan, 'playback') },
      this.own,
    )
    const store = storeOrigins(plan, media, this.accessPoint, this.own)
    const plane =
      plan.config.mediaPlane === 'selfhost' ? planeOrigins(plan, names.hosts.origin) : { origins: [], groups: [] }
    this.distribution = this.#distribution(names, {
      origins: [...store.origins, ...plane.origins],
      groups: [...store.groups, ...plane.groups],
    })
    letEdgeRead(plan, this.accessPoint, this.distribution, this.own)
    names.alias('media', this.host, { dnsName: this.distribution.domainName, zoneId: this.distribution.hostedZoneId })
    this.#failuresAlarm(alerting)
    this.registerOutputs({})
  }

  /** What a bucket lets the edge read: what viewers are shown, and nothing else of it. */
  reads(bucket: MediaBucket): Statement[] {
    return [
      {
        Sid: 'EdgeReads',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: bucket.objects(['play/']),
        Condition: { StringEquals: { 'AWS:SourceArn': this.distribution.arn } },
      },
    ]
  }

  #distribution(names: Names, { origins, groups }: EdgeOrigins): aws.cloudfront.Distribution {
    const behaviour = this.#behaviour()
    return new aws.cloudfront.Distribution(
      'media',
      {
        comment: `Media of showreel ${this.#plan.config.stack}`,
        enabled: true,
        isIpv6Enabled: true,
        httpVersion: 'http2and3',
        priceClass: this.#plan.sizing.edgePriceClass,
        aliases: [this.host],
        origins,
        originGroups: groups,
        defaultCacheBehavior: behaviour('media', 'store'),
        orderedCacheBehaviors: edgeBehaviours(this.#plan).map(({ pattern, cache, origin }) => ({
          pathPattern: pattern,
          ...behaviour(cache, origin),
        })),
        restrictions: { geoRestriction: { restrictionType: 'none' } },
        viewerCertificate: {
          acmCertificateArn: names.proven(names.edgeCertificate, 'media', EDGE_REGION),
          minimumProtocolVersion: 'TLSv1.2_2021',
          sslSupportMethod: 'sni-only',
        },
      },
      this.own,
    )
  }

  /** A path's behaviour: tokens are checked on every one; stored redirects are followed where things are stored. */
  #behaviour() {
    const policies = edgeCachePolicies(this.#plan, this.own)
    const headers = edgeHeadersPolicy(this.#plan, this.own)
    const token = this.#function('playback-token', PLAYBACK_TOKEN_FUNCTION, [this.playbackRules.arn])
    const redirect = this.#function('stored-redirect', EDGE_REDIRECT_FUNCTION, [])
    return (cache: EdgeCache, origin: Behaviour['origin']) => ({
      targetOriginId: origin,
      viewerProtocolPolicy: 'redirect-to-https',
      allowedMethods: METHODS,
      cachedMethods: METHODS,
      cachePolicyId: policies[cache].id,
      responseHeadersPolicyId: headers.id,
      compress: cache !== 'media',
      functionAssociations: [
        { eventType: 'viewer-request', functionArn: token.arn },
        ...(origin === 'store' ? [{ eventType: 'viewer-response', functionArn: redirect.arn }] : []),
      ],
    })
  }

  #function(name: string, code: string, stores: pulumi.Input<string>[]): aws.cloudfront.Function {
    return new aws.cloudfront.Function(
      name,
      {
        name: physicalName(this.#plan, name),
        runtime: RUNTIME,
        publish: true,
        code,
        ...(stores.length === 0 ? {} : { keyValueStoreAssociations: stores }),
      },
      this.own,
    )
  }

  #failuresAlarm(alerting: Alerting): void {
    awsAlarm(
      'edge-failures',
      EDGE_REGION,
      {
        namespace: 'AWS/CloudFront',
        metric: '5xxErrorRate',
        dimensions: { DistributionId: this.distribution.id, Region: 'Global' },
        statistic: 'Average',
        above: FAILED_PERCENT,
        runbook: 'edge-failures',
        says: 'More than one in a hundred answers of the edge are failures.',
      },
      alerting,
      this.own,
    )
  }
}
