import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { policyDocument } from './aws-policy.ts'
import { physicalName, type Plan } from './component.ts'
import type { Media } from './media.ts'

const OPEN_PERCENT = 100

/** One name for both regions' media. */
export type AccessPoint = { arn: pulumi.Output<string>; domainName: pulumi.Output<string> }

/** The multi-region access point over both media buckets, private, with both regions open; a failover closes one. */
export function edgeAccessPoint(plan: Plan, media: Media, own: pulumi.CustomResourceOptions): AccessPoint {
  const { accountId } = plan.config.aws
  const buckets = [media.home.bucket, media.pair.bucket]
  const point = new aws.s3control.MultiRegionAccessPoint(
    'media',
    {
      accountId,
      details: {
        name: physicalName(plan, 'media'),
        publicAccessBlock: {
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        regions: buckets.map(({ bucket }) => ({ bucket, bucketAccountId: accountId })),
      },
    },
    own,
  )
  new aws.s3control.MultiRegionAccessPointRoutes(
    'media',
    {
      accountId,
      mrap: point.arn,
      routes: [media.home, media.pair].map(({ bucket, region }) => ({
        bucket: bucket.bucket,
        region,
        trafficDialPercentage: OPEN_PERCENT,
      })),
    },
    own,
  )
  return { arn: point.arn, domainName: point.domainName }
}

/** Lets one distribution of CloudFront read what viewers are shown through the access point, and nobody else. */
export function letEdgeRead(
  plan: Plan,
  point: AccessPoint,
  distribution: aws.cloudfront.Distribution,
  own: pulumi.CustomResourceOptions,
): void {
  new aws.s3control.MultiRegionAccessPointPolicy(
    'media',
    {
      accountId: plan.config.aws.accountId,
      details: {
        name: physicalName(plan, 'media'),
        policy: policyDocument([
          {
            Sid: 'EdgeReads',
            Effect: 'Allow',
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Action: 's3:GetObject',
            Resource: pulumi.interpolate`${point.arn}/object/play/*`,
            Condition: { StringEquals: { 'AWS:SourceArn': distribution.arn } },
          },
        ]),
      },
    },
    { ...own, dependsOn: distribution },
  )
}
