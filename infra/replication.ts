import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { grant, serviceRole } from './aws-policy.ts'
import type { Plan } from './component.ts'
import { type MediaBucket, PREFIXES, ruleId } from './media-bucket.ts'

/** Replication time control promises this, in minutes, and reports when it is broken. */
const REPLICATED_WITHIN_MIN = 15

/** Copies what viewers need from one bucket to the other, deletions included, with a metric and a promised time. */
export function replicate(
  from: MediaBucket,
  to: MediaBucket,
  plan: Plan,
  own: pulumi.CustomResourceOptions,
): aws.s3.BucketReplicationConfig {
  const name = `replicate-${from.region}`
  const role = serviceRole(name, 's3.amazonaws.com', plan.config.aws.accountId, own)
  const replicated = PREFIXES.filter(row => row.replicated).map(({ prefix }) => prefix)
  const granted = grant(
    name,
    role,
    [
      {
        Effect: 'Allow',
        Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
        Resource: from.bucket.arn,
      },
      {
        Effect: 'Allow',
        Action: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
        Resource: from.objects(replicated),
      },
      {
        Effect: 'Allow',
        Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
        Resource: to.objects(replicated),
      },
    ],
    own,
  )
  return new aws.s3.BucketReplicationConfig(
    name,
    {
      region: from.region,
      bucket: from.bucket.bucket,
      role: role.arn,
      rules: replicated.map((prefix, priority) => ({
        id: ruleId(prefix),
        priority,
        status: 'Enabled',
        filter: { prefix },
        deleteMarkerReplication: { status: 'Enabled' },
        sourceSelectionCriteria: { replicaModifications: { status: 'Enabled' } },
        destination: {
          bucket: to.bucket.arn,
          storageClass: 'STANDARD',
          metrics: { status: 'Enabled', eventThreshold: { minutes: REPLICATED_WITHIN_MIN } },
          replicationTime: { status: 'Enabled', time: { minutes: REPLICATED_WITHIN_MIN } },
        },
      })),
    },
    { ...own, dependsOn: [from.versioning, to.versioning, granted] },
  )
}
