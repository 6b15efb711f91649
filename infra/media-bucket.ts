import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { policyDocument, type Statement } from './aws-policy.ts'
import { Component, type Plan } from './component.ts'

/** What each prefix holds, how long, and whether the other region has it too. */
export const PREFIXES = [
  { prefix: 'tmp/', replicated: false, expireDays: 1, cold: false },
  { prefix: 'staging/', replicated: false, expireDays: 7, cold: false },
  // Keys work at the other region's doors too; leases and unsent events are one region's own.
  { prefix: 'plane/channels/', replicated: true, expireDays: undefined, cold: false },
  { prefix: 'plane/', replicated: false, expireDays: undefined, cold: false },
  { prefix: 'ivs/', replicated: true, expireDays: undefined, cold: true },
  { prefix: 'play/', replicated: true, expireDays: undefined, cold: true },
  { prefix: 'uploads/', replicated: true, expireDays: undefined, cold: true },
] as const

/** How rules name a prefix. */
export function ruleId(prefix: string): string {
  return prefix.replace(/\/$/u, '').replaceAll('/', '-')
}

/** How long an overwritten or deleted version can be brought back, in days. */
const NONCURRENT_DAYS = 30
const ABORT_MULTIPART_DAYS = 1
/** The instant-retrieval archive asks for 90 days; media goes there this long after it left the first class. */
const ARCHIVE_AFTER_DAYS = 90
const CORS_AGE_S = 3_600

/** One region's bucket of media, private, versioned and encrypted; what may read it is said by `letRead`. */
export class MediaBucket extends Component {
  readonly region: string
  readonly bucket: aws.s3.Bucket
  readonly versioning: aws.s3.BucketVersioning
  readonly #block: aws.s3.BucketPublicAccessBlock

  constructor(region: string, plan: Plan, parent: pulumi.Resource) {
    super('MediaBucket', `media-${region}`, plan, { parent })
    this.region = region
    this.bucket = new aws.s3.Bucket(`media-${region}`, { region, forceDestroy: !plan.sizing.protect }, this.kept)
    const place = { region, bucket: this.bucket.bucket }
    this.versioning = new aws.s3.BucketVersioning(
      `media-${region}`,
      { ...place, versioningConfiguration: { status: 'Enabled' } },
      this.own,
    )
    this.#block = new aws.s3.BucketPublicAccessBlock(
      `media-${region}`,
      { ...place, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      this.own,
    )
    this.#protectObjects(place)
    this.#ageObjects(place, plan)
    new aws.s3.BucketCorsConfiguration(
      `media-${region}`,
      {
        ...place,
        corsRules: [
          {
            allowedMethods: ['PUT'],
            allowedOrigins: [`https://${plan.config.domain}`],
            allowedHeaders: ['content-type', 'content-md5', 'x-amz-checksum-sha256'],
            exposeHeaders: ['etag'],
            maxAgeSeconds: CORS_AGE_S,
          },
        ],
      },
      this.own,
    )
    new aws.s3.BucketNotification(`media-${region}`, { ...place, eventbridge: true }, this.own)
    this.registerOutputs({})
  }

  /** The bucket's one policy: nothing without TLS, and what is given here. */
  letRead(statements: readonly Statement[]): aws.s3.BucketPolicy {
    const everything = [this.bucket.arn, pulumi.interpolate`${this.bucket.arn}/*`]
    const insecure: Statement = {
      Sid: 'OnlyOverTls',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: everything,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }
    return new aws.s3.BucketPolicy(
      `media-${this.region}`,
      { region: this.region, bucket: this.bucket.bucket, policy: policyDocument([insecure, ...statements]) },
      { ...this.own, dependsOn: this.#block },
    )
  }

  /** ARNs of every object below these prefixes. */
  objects(prefixes: readonly string[]): pulumi.Output<string>[] {
    return prefixes.map(prefix => pulumi.interpolate`${this.bucket.arn}/${prefix}*`)
  }

  #protectObjects(place: { region: string; bucket: pulumi.Output<string> }): void {
    new aws.s3.BucketOwnershipControls(
      `media-${this.region}`,
      { ...place, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      this.own,
    )
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `media-${this.region}`,
      {
        ...place,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' }, bucketKeyEnabled: true }],
      },
      this.own,
    )
  }

  #ageObjects(place: { region: string; bucket: pulumi.Output<string> }, { sizing }: Plan): void {
    const byPrefix = PREFIXES.filter(({ expireDays, cold }) => expireDays !== undefined || cold).map(row => ({
      id: ruleId(row.prefix),
      status: 'Enabled',
      filter: { prefix: row.prefix },
      ...(row.expireDays === undefined ? {} : { expiration: { days: row.expireDays } }),
      ...(row.cold
        ? {
            transitions: [
              { days: sizing.warmDays, storageClass: 'STANDARD_IA' },
              { days: sizing.warmDays + ARCHIVE_AFTER_DAYS, storageClass: 'GLACIER_IR' },
            ],
          }
        : {}),
    }))
    new aws.s3.BucketLifecycleConfiguration(
      `media-${this.region}`,
      {
        ...place,
        rules: [
          ...byPrefix,
          {
            id: 'leftovers',
            status: 'Enabled',
            filter: { prefix: '' },
            abortIncompleteMultipartUpload: { daysAfterInitiation: ABORT_MULTIPART_DAYS },
            noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
            expiration: { expiredObjectDeleteMarker: true },
          },
        ],
      },
      { ...this.own, dependsOn: this.versioning },
    )
  }
}
