import { grant, type Statement } from './aws-policy.ts'
import { Component, type Plan } from './component.ts'
import type { Edge } from './edge.ts'
import { googleServices, type Identity } from './identity.ts'
import type { Media } from './media.ts'

const CHANNEL_VERBS = [
  'ivs:CreateChannel',
  'ivs:DeleteChannel',
  'ivs:GetChannel',
  'ivs:UpdateChannel',
  'ivs:ListChannels',
  'ivs:GetStream',
  'ivs:GetStreamSession',
  'ivs:ListStreams',
  'ivs:ListStreamSessions',
  'ivs:PutMetadata',
  'ivs:StopStream',
  'ivs:StartViewerSessionRevocation',
  'ivs:TagResource',
]
const KEY_VERBS = ['ivs:CreateStreamKey', 'ivs:DeleteStreamKey', 'ivs:GetStreamKey', 'ivs:ListStreamKeys']

/** What services on Google Cloud may do on AWS, each with its own role: exactly what its uses in the catalogue say. */
export class MediaGrants extends Component {
  constructor(plan: Plan, { media, identity, edge }: { media: Media; identity: Identity; edge: Edge | undefined }) {
    super('MediaGrants', 'media-grants', plan)
    for (const row of googleServices()) {
      const role = identity.roles[row.name]
      const statements = [
        ...(row.uses.includes('objects') ? objects(media) : []),
        ...(row.uses.includes('live-channels') ? channels(plan) : []),
        ...(edge !== undefined && row.uses.includes('live-channels') ? rights(edge) : []),
        ...(edge !== undefined && row.uses.includes('objects') ? forgetting(edge) : []),
      ]
      if (role !== undefined && statements.length > 0) grant(`${row.name}-media`, role, statements, this.own)
    }
    this.registerOutputs({})
  }
}

/** What services keep; the plane's own prefix is nobody's but the plane's. */
const OBJECT_PREFIXES = ['play/', 'uploads/', 'ivs/', 'staging/', 'tmp/']

function objects(media: Media): Statement[] {
  return [
    {
      Effect: 'Allow',
      Action: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      Resource: media.buckets.flatMap(bucket => bucket.objects(OBJECT_PREFIXES)),
    },
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket', 's3:ListBucketVersions'],
      Resource: media.buckets.map(({ bucket }) => bucket.arn),
      // Asking for one object names no prefix; without this right S3 answers 403 where there is none.
      Condition: { StringLikeIfExists: { 's3:prefix': OBJECT_PREFIXES.map(prefix => `${prefix}*`) } },
    },
  ]
}

function channels({ config }: Plan): Statement[] {
  if (config.mediaPlane !== 'ivs') return []
  const arn = (kind: string) => `arn:aws:ivs:${config.aws.home}:${config.aws.accountId}:${kind}/*`
  return [
    { Effect: 'Allow', Action: CHANNEL_VERBS, Resource: arn('channel') },
    { Effect: 'Allow', Action: KEY_VERBS, Resource: [arn('channel'), arn('stream-key')] },
    { Effect: 'Allow', Action: 'ivs:GetRecordingConfiguration', Resource: arn('recording-configuration') },
  ]
}

/** Who may play what is written into the edge's store. */
function rights({ playbackRules }: Edge): Statement[] {
  return [
    {
      Effect: 'Allow',
      Action: ['cloudfront-keyvaluestore:DescribeKeyValueStore', 'cloudfront-keyvaluestore:UpdateKeys'],
      Resource: playbackRules.arn,
    },
  ]
}

/** What was deleted must leave the edge's caches too. */
function forgetting({ distribution }: Edge): Statement[] {
  return [{ Effect: 'Allow', Action: 'cloudfront:CreateInvalidation', Resource: distribution.arn }]
}
