import type * as aws from '@pulumi/aws'
import * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import { PLANE_SOURCE } from '#shared/domain/provider-event.ts'
import type { ServiceRow } from '#shared/domain/service-catalogue.ts'
import { grant } from './aws-policy.ts'
import type { Plan } from './component.ts'
import type { Identity } from './identity.ts'
import type { MediaBucket } from './media-bucket.ts'
import type { ServicesSecrets } from './services-secrets.ts'

const PREFIXES = ['plane/', 'play/']

type Parts = { identity: Identity; bucket: MediaBucket; secrets: ServicesSecrets; role: aws.iam.Role }

/** What a region's doors may do: the plane's own objects of that region, its events, its metrics, its row's secrets; nothing else. */
export function letPlaneWork(plan: Plan, row: ServiceRow, parts: Parts, own: pulumi.CustomResourceOptions): void {
  const { identity, bucket, secrets, role } = parts
  const { region } = bucket
  grant(
    `plane-${region}`,
    role,
    [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
        Resource: bucket.objects(PREFIXES),
      },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: bucket.bucket.arn,
        // Asking for one object names no prefix; without this right S3 answers 403 where there is none.
        Condition: { StringLikeIfExists: { 's3:prefix': PREFIXES.map(prefix => `${prefix}*`) } },
      },
      {
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: `arn:aws:events:${region}:${plan.config.aws.accountId}:event-bus/default`,
        Condition: { StringEquals: { 'events:source': PLANE_SOURCE } },
      },
    ],
    own,
  )
  new gcp.projects.IAMMember(
    `plane-${region}-writes-metrics`,
    { project: plan.config.gcp.project, role: 'roles/monitoring.metricWriter', member: identity.principalSet(role) },
    { ...own, dependsOn: identity.provider },
  )
  for (const name of row.secrets) {
    const secret = secrets.secrets[name]
    if (secret === undefined) throw new Error(`The secret ${name} has no place.`)
    new gcp.secretmanager.SecretIamMember(
      `plane-${region}-reads-${name}`,
      { secretId: secret.secretId, role: 'roles/secretmanager.secretAccessor', member: identity.principalSet(role) },
      { ...own, dependsOn: identity.provider },
    )
  }
}
