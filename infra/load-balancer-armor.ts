import * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import { physicalName, type Plan } from './component.ts'

/** Requests of one address in a minute before it is told to slow down; a busy household, not a crowd behind one proxy. */
const REQUESTS_PER_MINUTE = 1_800
const MINUTE_S = 60
/** An address that goes on at several times that is shut out for a while. */
const BAN_REQUESTS = 9_000
const BAN_S = 600

/** Paths that only our own clouds call, at addresses of their own, and what only operators read. */
const NOT_FROM_OUTSIDE = "request.path.matches('^/(?:push|tasks)/') || request.path.matches('^/metrics/?$')"
/** Workers behind one address lease and report jobs; each call is signed, and this only bounds a fault of ours. */
const WORKER_PATHS = "request.path.matches('^/internal/')"
const WORKER_REQUESTS_PER_MINUTE = 30_000
const ANYONE = { versionedExpr: 'SRC_IPS_V1', config: { srcIpRanges: ['*'] } }
const LAST = 2_147_483_647

/** What is turned away before it reaches a service: private paths, broken protocol, and one address asking too much. */
export function edgeRules(plan: Plan, own: pulumi.CustomResourceOptions): gcp.compute.SecurityPolicy {
  return new gcp.compute.SecurityPolicy(
    'edge',
    {
      name: physicalName(plan, 'edge'),
      type: 'CLOUD_ARMOR',
      adaptiveProtectionConfig: { layer7DdosDefenseConfig: { enable: plan.sizing.protect } },
      rules: [
        {
          priority: 100,
          action: 'deny(404)',
          description: 'Private paths have no door here.',
          match: { expr: { expression: NOT_FROM_OUTSIDE } },
        },
        {
          priority: 200,
          action: 'deny(403)',
          description: 'Smuggled and split requests.',
          match: { expr: { expression: "evaluatePreconfiguredWaf('protocolattack-v33-stable', {'sensitivity': 1})" } },
        },
        {
          priority: 250,
          action: 'throttle',
          description: 'Our own workers come from few addresses.',
          match: { expr: { expression: WORKER_PATHS } },
          rateLimitOptions: {
            conformAction: 'allow',
            exceedAction: 'deny(429)',
            enforceOnKey: 'IP',
            rateLimitThreshold: { count: WORKER_REQUESTS_PER_MINUTE, intervalSec: MINUTE_S },
          },
        },
        {
          priority: 300,
          action: 'rate_based_ban',
          description: 'One address at a time has its fair share.',
          match: ANYONE,
          rateLimitOptions: {
            conformAction: 'allow',
            exceedAction: 'deny(429)',
            enforceOnKey: 'IP',
            rateLimitThreshold: { count: REQUESTS_PER_MINUTE, intervalSec: MINUTE_S },
            banThreshold: { count: BAN_REQUESTS, intervalSec: MINUTE_S },
            banDurationSec: BAN_S,
          },
        },
        { priority: LAST, action: 'allow', description: 'Everyone else.', match: ANYONE },
      ],
    },
    own,
  )
}
