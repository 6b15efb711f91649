import type * as pulumi from '@pulumi/pulumi'
import type { Use } from '#shared/domain/service-catalogue.ts'
import type { Alerting } from './alerting.ts'
import type { Plan } from './component.ts'
import { Edge } from './edge.ts'
import { Encode, wakeQueues } from './encode.ts'
import { EncodeQueues } from './encode-queues.ts'
import type { Identity } from './identity.ts'
import { Ingest } from './ingest.ts'
import type { Media } from './media.ts'
import { MediaConvert } from './media-convert.ts'
import { MediaGrants } from './media-grants.ts'
import { MediaImages } from './media-images.ts'
import { MediaIvs } from './media-ivs.ts'
import type { Names } from './names.ts'
import type { ServicesSecrets } from './services-secrets.ts'

type Parts = { alerting: Alerting; identity: Identity; media: Media; names: Names; secrets: ServicesSecrets }

/** What a service is told of the AWS side, by the use its row names and the variable. */
export type MediaVariables = Readonly<Partial<Record<Use, Readonly<Record<string, pulumi.Input<string>>>>>>

/** The media side of the platform on AWS, on the plane the config chose; gives the stack's outputs of it. */
export function mediaSide(plan: Plan, parts: Parts): { outputs: Record<string, unknown>; variables: MediaVariables } {
  const { alerting, identity, media, names } = parts
  const full = plan.config.stage === 'full'
  const images = new MediaImages(plan)
  const queues = new EncodeQueues(plan, { alerting, identity })
  const edge = full ? new Edge(plan, { alerting, media, names }) : undefined
  for (const bucket of media.buckets) bucket.letRead(edge?.reads(bucket) ?? [])
  new MediaGrants(plan, { media, identity, edge })
  if (full) new Encode(plan, { identity, images, queues })
  const plane = plan.config.mediaPlane === 'ivs' ? amazon(plan, parts) : ourOwn(plan, parts, images)
  const dead = Object.values(queues.queues).map(pair => pair.dead.url)
  return {
    outputs: {
      buckets: media.buckets.map(({ bucket }) => bucket.bucket),
      mediaImages: Object.values(images.repositories).map(({ repositoryUrl }) => repositoryUrl),
      workerDeadLetters: dead,
      roles: Object.fromEntries(Object.entries(identity.roles).map(([service, { arn }]) => [service, arn])),
      ...edgeOutputs(edge),
      ...plane.outputs,
    },
    variables: {
      ...plane.variables,
      wake: { WAKE_QUEUES: wakeQueues(queues.queues) },
      ...(edge === undefined ? {} : { objects: { EDGE_DISTRIBUTION: edge.distribution.id } }),
      'live-channels': {
        ...plane.variables['live-channels'],
        ...(edge === undefined ? {} : { PLAYBACK_RULES: edge.playbackRules.arn }),
      },
    },
  }
}

type Plane = { outputs: Record<string, unknown>; variables: MediaVariables }

function edgeOutputs(edge: Edge | undefined): Record<string, unknown> {
  if (edge === undefined) return {}
  return {
    accessPoint: edge.accessPoint.arn,
    playback: edge.host,
    playbackEdge: edge.distribution.domainName,
    playbackRules: edge.playbackRules.arn,
  }
}

/** Amazon IVS takes the shows, MediaConvert the uploads. */
function amazon(plan: Plan, { media, identity }: Parts): Plane {
  const ivs = new MediaIvs(plan, media)
  const encodes = new MediaConvert(plan, { media, identity })
  return {
    outputs: {
      canaryChannel: ivs.canary.arn,
      canaryIngest: ivs.canary.ingestEndpoint,
      canaryPlayback: ivs.canary.playbackUrl,
      encodeQueue: encodes.queue.arn,
    },
    variables: {
      'live-channels': { IVS_RECORDING: ivs.recording.arn, IVS_PLAYBACK_KEY_PAIR: ivs.keyPair.arn },
      transcode: { ENCODE_QUEUE: encodes.queue.arn, ENCODE_ROLE: encodes.role.arn },
    },
  }
}

/** Our own plane takes the shows in both regions, our own workers the uploads. */
function ourOwn(plan: Plan, { alerting, identity, media, names, secrets }: Parts, images: MediaImages): Plane {
  const { home, pair } = plan.config.aws
  const origins = Object.fromEntries([home, pair].map(region => [region, `https://${names.hosts.origin(region)}`]))
  const variables = { 'live-channels': { PLANE_URL: origins[home] ?? '', PLANE_URLS: JSON.stringify(origins) } }
  if (plan.config.stage !== 'full') return { outputs: {}, variables }
  const doors = media.buckets.map(
    bucket => new Ingest(bucket.region, plan, { alerting, identity, images, names, secrets, bucket }),
  )
  return { outputs: { ingest: doors.flatMap(({ endpoints }) => endpoints) }, variables }
}
