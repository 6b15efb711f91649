import type * as pulumi from '@pulumi/pulumi'
import type { ServiceRow } from '#shared/domain/service-catalogue.ts'
import { physicalName, type Plan } from './component.ts'
import type { Data } from './data.ts'
import { awsAudience, type Identity } from './identity.ts'
import type { MediaBucket } from './media-bucket.ts'
import type { MediaVariables } from './media-side.ts'
import { namesOf } from './names.ts'
import { runAddress } from './run-address.ts'

/** One variable of a container. */
export type Variable = { name: string; value: pulumi.Input<string> }

/** What the environment of a service is made of. */
export type EnvironmentParts = {
  identity: Identity
  data: Data
  buckets: { home: MediaBucket; pair: MediaBucket }
  /** Of the media side, by use. */
  mediaVariables: MediaVariables
}

/** The audience of the bearer tokens people sign in with. */
const USER_AUDIENCE = 'showreel'

type Values = Record<string, pulumi.Input<string> | undefined>

/** What a service reads from its environment in one region: what everybody needs, and what its uses need. */
export function servicesEnvironment(plan: Plan, row: ServiceRow, region: string, parts: EnvironmentParts): Variable[] {
  const values: Values = {
    ...everybody(plan, region),
    ...(row.uses.includes('database') ? database(parts.data) : {}),
    ...(row.uses.includes('wake') ? wakes(plan, row, parts) : {}),
    ...(parts.identity.roles[row.name] === undefined ? {} : awsIdentity(plan, row, parts)),
    ...(row.uses.includes('objects') ? objects(plan, parts) : {}),
    ...Object.assign({}, ...row.uses.map(use => parts.mediaVariables[use])),
    ...(row.uses.includes('counters') ? cache(parts.data) : {}),
  }
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
}

function everybody(plan: Plan, region: string): Values {
  const { config } = plan
  const hosts = namesOf(plan)
  return {
    STACK: config.stack,
    REGION: region,
    LOG_LEVEL: 'info',
    GOOGLE_CLOUD_PROJECT: config.gcp.project,
    PUBLIC_URL: `https://${hosts.app}`,
    MEDIA_URL: `https://${hosts.media}`,
    MEDIA_PLANE: config.mediaPlane,
    USER_ISSUER: config.userIssuer,
    USER_AUDIENCE,
    SECRETS_PREFIX: physicalName(plan, ''),
    PUSH_SIGNER: `${config.stack}-pusher@${config.gcp.project}.iam.gserviceaccount.com`,
  }
}

function database({ instance, database: made }: Data): Values {
  return { SPANNER_INSTANCE: instance.name, SPANNER_DATABASE: made.name }
}

/** Queues call the service itself: the front door has no way to wake-ups. */
function wakes(plan: Plan, { name }: ServiceRow, { identity }: EnvironmentParts): Values {
  return {
    TASKS_LOCATION: plan.config.gcp.home,
    TASKS_SIGNER: identity.account('pusher').email,
    TASKS_URL: runAddress(plan, name),
  }
}

function awsIdentity(plan: Plan, { name }: ServiceRow, { identity }: EnvironmentParts): Values {
  return {
    AWS_ROLE_ARN: identity.roles[name]?.arn,
    AWS_TOKEN_AUDIENCE: awsAudience(plan),
    AWS_REGION: plan.config.aws.home,
  }
}

function objects({ config }: Plan, { buckets }: EnvironmentParts): Values {
  return {
    MEDIA_BUCKET: buckets.home.bucket.bucket,
    MEDIA_BUCKET_PAIR: buckets.pair.bucket.bucket,
    MEDIA_REGION_PAIR: config.aws.pair,
  }
}

/** The cache's private address and its own authority; nothing where the stack has none: each instance then stands alone. */
function cache({ cache: made }: Data): Values {
  if (made === undefined) return {}
  return {
    REDIS_URL: made.endpoints.apply(endpoints => {
      const address = endpoints?.[0]?.connections?.[0]?.pscAutoConnection?.ipAddress ?? ''
      return `rediss://${address}`
    }),
    REDIS_CA: made.managedServerCas.apply(authorities =>
      authorities.flatMap(({ caCerts }) => caCerts.flatMap(({ certificates }) => certificates)).join('\n'),
    ),
    REDIS_AUTH: 'google',
  }
}
