import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { policyDocument } from './aws-policy.ts'
import type { Plan } from './component.ts'

/** How long a replaced build can be brought back, in days. */
const REPLACED_DAYS = 90

/** The private bucket CI puts builds into, versioned, so that a rollback names an older one. */
export function artifactsBucket({ config }: Plan, kept: pulumi.CustomResourceOptions): aws.s3.Bucket {
  const region = config.aws.home
  const bucket = new aws.s3.Bucket('artifacts', { region }, kept)
  const place = { region, bucket: bucket.bucket }
  const own = kept.parent === undefined ? {} : { parent: kept.parent }
  const block = new aws.s3.BucketPublicAccessBlock(
    'artifacts',
    { ...place, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    own,
  )
  const versioning = new aws.s3.BucketVersioning(
    'artifacts',
    { ...place, versioningConfiguration: { status: 'Enabled' } },
    own,
  )
  new aws.s3.BucketServerSideEncryptionConfiguration(
    'artifacts',
    { ...place, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' }, bucketKeyEnabled: true }] },
    own,
  )
  new aws.s3.BucketLifecycleConfiguration(
    'artifacts',
    {
      ...place,
      rules: [
        {
          id: 'replaced',
          status: 'Enabled',
          filter: { prefix: '' },
          noncurrentVersionExpiration: { noncurrentDays: REPLACED_DAYS },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    { ...own, dependsOn: versioning },
  )
  new aws.s3.BucketPolicy(
    'artifacts',
    {
      ...place,
      policy: policyDocument([
        {
          Sid: 'OnlyOverTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [bucket.arn, bucket.arn.apply(arn => `${arn}/*`)],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ]),
    },
    { ...own, dependsOn: block },
  )
  return bucket
}
