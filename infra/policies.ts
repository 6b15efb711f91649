import { ANALYTICS_POLICIES } from './analytics-policies.ts'
import { MEDIA_POLICIES } from './media-policies.ts'
import { OBSERVABILITY_POLICIES } from './observability-policies.ts'
import { type GraphResource, ofType, type ResourceGraph, UNKNOWN } from './resource-graph.ts'
import { SERVICE_POLICIES } from './services-policies.ts'

/** One rule every stack keeps: says what breaks it, one line each; nothing when it is kept. */
export type Policy = { name: string; broken: (graph: ResourceGraph) => string[] }

const BUCKET = 'aws:s3/bucket:Bucket'
const QUEUE = 'aws:sqs/queue:Queue'
const PUBLIC_BLOCKS = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'] as const
const KEY_TYPES = ['aws:iam/accessKey:AccessKey', 'aws:iam/user:User', 'gcp:serviceaccount/key:Key']
const KEPT_TYPES = [
  BUCKET,
  QUEUE,
  'gcp:spanner/database:Database',
  'gcp:spanner/instance:Instance',
  'gcp:pubsub/topic:Topic',
]
/** What AWS can only allow everywhere (Service Authorization Reference: no resource types). */
const ONLY_EVERYWHERE = new Set(['ecr:GetAuthorizationToken', 'ecs:DiscoverPollEndpoint'])
const BASIC_ROLE = /^roles\/(?:owner|editor)$/u
const EVERYONE = /^(?:allUsers|allAuthenticatedUsers)$/u

/** Everyone's rules; `npm run preview` prints each with its result. */
export const POLICIES: readonly Policy[] = [
  { name: 'no bucket is public', broken: publicBuckets },
  { name: 'buckets and queues are encrypted', broken: unencrypted },
  { name: 'logs, topics and buckets say how long they keep', broken: keptForever },
  { name: 'no wildcard is allowed, no basic role, nobody anonymous', broken: tooWide },
  { name: 'no key exists', broken: keys },
  { name: 'every queue, subscription and event target has dead letters', broken: withoutDeadLetters },
  { name: 'every dead-letter queue rings', broken: silentDeadLetters },
  { name: 'prod protects what it must not lose', broken: unprotected },
  ...SERVICE_POLICIES,
  ...OBSERVABILITY_POLICIES,
  ...ANALYTICS_POLICIES,
  ...MEDIA_POLICIES,
]

/** Buckets no resource of a type, that also `fits`, speaks of. */
function bucketsWithout(
  graph: ResourceGraph,
  type: string,
  fits: (inputs: GraphResource['inputs']) => boolean = () => true,
): GraphResource[] {
  const covered = new Set(
    ofType(graph, type)
      .filter(({ inputs }) => fits(inputs))
      .flatMap(({ inputDependencies }) => inputDependencies['bucket'] ?? []),
  )
  return ofType(graph, BUCKET).filter(({ urn }) => !covered.has(urn))
}

function publicBuckets(graph: ResourceGraph): string[] {
  const blocked = (inputs: GraphResource['inputs']) => PUBLIC_BLOCKS.every(block => inputs[block] === true)
  return bucketsWithout(graph, 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', blocked).map(
    ({ name }) => `bucket ${name} does not block public access: give it a BucketPublicAccessBlock with all four blocks`,
  )
}

function unencrypted(graph: ResourceGraph): string[] {
  const type = 'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration'
  const queues = ofType(graph, QUEUE).filter(
    ({ inputs }) => inputs['sqsManagedSseEnabled'] !== true && inputs['kmsMasterKeyId'] === undefined,
  )
  return [
    ...bucketsWithout(graph, type).map(
      ({ name }) => `bucket ${name} says nothing of encryption: give it a BucketServerSideEncryptionConfiguration`,
    ),
    ...queues.map(({ name }) => `queue ${name} is not encrypted: set sqsManagedSseEnabled`),
  ]
}

function keptForever(graph: ResourceGraph): string[] {
  const silent = (type: string, key: string) =>
    ofType(graph, type)
      .filter(({ inputs }) => inputs[key] === undefined)
      .map(({ name }) => `${type.split(':').at(-1) ?? ''} ${name} is kept for ever: set ${key}`)
  const type = 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration'
  return [
    ...silent('aws:cloudwatch/logGroup:LogGroup', 'retentionInDays'),
    ...silent('gcp:pubsub/topic:Topic', 'messageRetentionDuration'),
    ...silent(QUEUE, 'messageRetentionSeconds'),
    ...bucketsWithout(graph, type).map(
      ({ name }) => `bucket ${name} is kept for ever: give it a BucketLifecycleConfiguration`,
    ),
  ]
}

type Statement = { Effect?: string; Action?: string | string[]; Resource?: string | string[] }

/** Statements of every policy document among a resource's inputs. */
function statements({ inputs }: GraphResource): Statement[] {
  return ['policy', 'assumeRolePolicy'].flatMap(key => {
    const text = inputs[key]
    if (typeof text !== 'string' || text.includes(UNKNOWN)) return []
    // A lifecycle policy has no statements.
    return [(JSON.parse(text) as { Statement?: Statement | Statement[] }).Statement ?? []].flat()
  })
}

function tooWide(graph: ResourceGraph): string[] {
  return graph.resources.flatMap(resource => {
    const { name, type, inputs } = resource
    const found: string[] = []
    for (const { Effect, Action = [], Resource = [] } of type.startsWith('aws:') ? statements(resource) : []) {
      if (Effect !== 'Allow') continue
      if ([Action].flat().some(each => each.includes('*')))
        found.push(`${name} allows ${[Action].flat().join(', ')}: name each action`)
      const everywhere = [Resource].flat().includes('*')
      if (everywhere && [Action].flat().some(each => !ONLY_EVERYWHERE.has(each)))
        found.push(`${name} allows every resource: name them`)
    }
    const member = inputs['member']
    const role = inputs['role']
    if (type.startsWith('gcp:') && typeof role === 'string' && BASIC_ROLE.test(role))
      found.push(`${name} has ${role}: a role of one service instead`)
    if (typeof member === 'string' && EVERYONE.test(member)) found.push(`${name} lets ${member} in: name who`)
    return found
  })
}

function keys(graph: ResourceGraph): string[] {
  return graph.resources
    .filter(({ type }) => KEY_TYPES.includes(type))
    .map(({ name, type }) => `${type} ${name} is a key: federate instead`)
}

/** Queues where dead letters lie: those another queue or an event target names. */
function deadQueues(graph: ResourceGraph): Set<string> {
  const named = graph.resources.flatMap(({ type, inputDependencies }) => {
    if (type === QUEUE) return inputDependencies['redrivePolicy'] ?? []
    return type === 'aws:cloudwatch/eventTarget:EventTarget' ? (inputDependencies['deadLetterConfig'] ?? []) : []
  })
  return new Set(named)
}

function withoutDeadLetters(graph: ResourceGraph): string[] {
  const dead = deadQueues(graph)
  const lacking = (type: string, key: string) =>
    ofType(graph, type).filter(({ urn, inputs }) => inputs[key] === undefined && !dead.has(urn))
  const subscriptions = lacking('gcp:pubsub/subscription:Subscription', 'deadLetterPolicy')
  return [
    ...lacking(QUEUE, 'redrivePolicy').map(({ name }) => `queue ${name}`),
    ...lacking('aws:cloudwatch/eventTarget:EventTarget', 'deadLetterConfig').map(({ name }) => `event target ${name}`),
    // Nobody is pushed what waits in a dead-letter topic; a person reads it.
    ...subscriptions
      .filter(({ inputs }) => inputs['pushConfig'] !== undefined)
      .map(({ name }) => `subscription ${name}`),
  ].map(what => `${what} has no dead letters: name where they go`)
}

function silentDeadLetters(graph: ResourceGraph): string[] {
  const rings = new Set(
    ofType(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm')
      .filter(({ inputs }) => inputs['metricName'] === 'ApproximateNumberOfMessagesVisible')
      .flatMap(({ inputDependencies }) => inputDependencies['dimensions'] ?? []),
  )
  const dead = deadQueues(graph)
  return ofType(graph, QUEUE)
    .filter(({ urn }) => dead.has(urn) && !rings.has(urn))
    .map(({ name }) => `nobody is told of dead letters in ${name}: deadLetterAlarm()`)
}

function unprotected(graph: ResourceGraph): string[] {
  if (graph.config['showreel:tier'] !== 'prod') return []
  return graph.resources
    .filter(({ type, protect }) => KEPT_TYPES.includes(type) && !protect)
    .map(({ name, type }) => `${type.split(':').at(-1) ?? ''} ${name} is not protected: make it with this.kept`)
}
