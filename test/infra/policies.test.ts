import { beforeAll, expect, test } from 'vitest'
import { POLICIES } from '#infra/policies.ts'
import type { GraphResource, ResourceGraph } from '#infra/resource-graph.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

let graph: ResourceGraph
let amazon: Readonly<Record<'dev' | 'prod', ResourceGraph>>
beforeAll(async () => {
  graph = await stackGraph('prod', { mediaPlane: 'selfhost' })
  amazon = { dev: await stackGraph('dev'), prod: await stackGraph('prod') }
}, 600_000)

/** The graph with every resource of a type changed, or gone where nothing is given back. */
function changed(type: string, change: (resource: GraphResource) => GraphResource | undefined): ResourceGraph {
  const resources = graph.resources.flatMap(each => (each.type === type ? (change(each) ?? []) : each))
  return { ...graph, resources }
}

const withInputs = (inputs: Record<string, unknown>) => (resource: GraphResource) => ({
  ...resource,
  inputs: { ...resource.inputs, ...inputs },
})

const gone = () => undefined
const WIDE = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] })

const GOOGLE_BUCKET = 'gcp:storage/bucket:Bucket'
const PIPELINE = 'gcp:dataflow/flexTemplateJob:FlexTemplateJob'
const ALERT = 'gcp:monitoring/alertPolicy:AlertPolicy'
const RUN_SERVICE = 'gcp:cloudrunv2/service:Service'
type Template = { containers: Record<string, unknown>[] }

const templated = (change: (template: Template) => object) => (resource: GraphResource) =>
  withInputs({ template: change(resource.inputs['template'] as Template) })(resource)

const withoutInApp = (part: string) => (template: Template) => ({
  ...template,
  containers: template.containers.map(container => ({ ...container, [part]: undefined })),
})

const TASK = 'aws:ecs/taskDefinition:TaskDefinition'
const EDGE = 'aws:cloudfront/distribution:Distribution'
const DOOR = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule'
const inContainer = (change: object) => (resource: GraphResource) => {
  const containers = JSON.parse(String(resource.inputs['containerDefinitions'])) as object[]
  const changedOnes = containers.map(container => ({ ...container, ...change }))
  return withInputs({ containerDefinitions: JSON.stringify(changedOnes) })(resource)
}
const inEdge = (key: string, change: object) => (resource: GraphResource) => {
  const was = resource.inputs[key] as object | object[]
  return withInputs({ [key]: Array.isArray(was) ? was.map(each => ({ ...each, ...change })) : { ...was, ...change } })(
    resource,
  )
}

const BREAKS: Record<string, (() => ResourceGraph)[]> = {
  'no bucket is public': [
    () => changed('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', gone),
    () => changed('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', withInputs({ blockPublicAcls: false })),
  ],
  'buckets and queues are encrypted': [
    () => changed('aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration', gone),
    () => changed('aws:sqs/queue:Queue', withInputs({ sqsManagedSseEnabled: false })),
  ],
  'logs, topics and buckets say how long they keep': [
    () => changed('aws:cloudwatch/logGroup:LogGroup', withInputs({ retentionInDays: undefined })),
    () => changed('gcp:pubsub/topic:Topic', withInputs({ messageRetentionDuration: undefined })),
    () => changed('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration', gone),
  ],
  'no wildcard is allowed, no basic role, nobody anonymous': [
    () => changed('aws:iam/rolePolicy:RolePolicy', withInputs({ policy: WIDE })),
    () => changed('gcp:pubsub/topicIAMMember:TopicIAMMember', withInputs({ role: 'roles/editor' })),
    () => changed('gcp:pubsub/topicIAMMember:TopicIAMMember', withInputs({ member: 'allUsers' })),
  ],
  'no key exists': [
    () => changed('gcp:serviceaccount/account:Account', each => ({ ...each, type: 'gcp:serviceaccount/key:Key' })),
  ],
  'every queue, subscription and event target has dead letters': [
    () => changed('aws:sqs/queue:Queue', withInputs({ redrivePolicy: undefined })),
    () => changed('gcp:pubsub/subscription:Subscription', withInputs({ deadLetterPolicy: undefined })),
    () => changed('aws:cloudwatch/eventTarget:EventTarget', withInputs({ deadLetterConfig: undefined })),
  ],
  'every dead-letter queue rings': [() => changed('aws:cloudwatch/metricAlarm:MetricAlarm', gone)],
  'prod protects what it must not lose': [
    () => changed('gcp:spanner/database:Database', each => ({ ...each, protect: false })),
  ],
  'every service has its own identity, probes and bounds, and runs by digest': [
    () =>
      changed(
        RUN_SERVICE,
        templated(template => ({ ...template, serviceAccount: 'somebody' })),
      ),
    () =>
      changed(
        RUN_SERVICE,
        templated(template => ({ ...template, scaling: {} })),
      ),
    () =>
      changed(
        RUN_SERVICE,
        templated(template => ({ ...template, timeout: undefined })),
      ),
    ...['startupProbe', 'livenessProbe', 'resources', 'image'].map(
      part => () => changed(RUN_SERVICE, templated(withoutInApp(part))),
    ),
    () => changed('gcp:cloudrunv2/workerPool:WorkerPool', templated(withoutInApp('livenessProbe'))),
    () => changed('gcp:cloudrunv2/job:Job', withInputs({ template: {} })),
  ],
  'nothing is public but what the catalogue says': [
    () => changed(RUN_SERVICE, withInputs({ invokerIamDisabled: true })),
    () => changed(RUN_SERVICE, withInputs({ ingress: 'INGRESS_TRAFFIC_ALL' })),
    () => changed('gcp:compute/backendService:BackendService', each => ({ ...each, name: 'media-events' })),
    () => changed('gcp:compute/backendService:BackendService', withInputs({ securityPolicy: undefined })),
  ],
  'dev idles at near zero': [() => ({ ...graph, config: { ...graph.config, 'showreel:tier': 'dev' } })],
  'every dead letter and every dead job rings': [
    () => changed(ALERT, each => (each.name === 'dead-letters' ? undefined : each)),
    () => changed(ALERT, each => (each.name === 'dead-jobs' ? undefined : each)),
    () => changed('gcp:pubsub/subscription:Subscription', each => (each.name === 'dead-jobs' ? undefined : each)),
  ],
  'every alert reaches somebody and names its runbook': [
    () => changed(ALERT, withInputs({ notificationChannels: [] })),
    () => changed(ALERT, withInputs({ documentation: { content: 'Look around.' } })),
  ],
  'every month has a budget in both clouds': [
    () => changed('gcp:billing/budget:Budget', gone),
    () => changed('aws:budgets/budget:Budget', gone),
  ],
  'no bucket or dataset of Google Cloud is public, and each says how long it keeps': [
    () => changed(GOOGLE_BUCKET, withInputs({ publicAccessPrevention: 'inherited' })),
    () => changed(GOOGLE_BUCKET, withInputs({ uniformBucketLevelAccess: false })),
    () => changed(GOOGLE_BUCKET, withInputs({ lifecycleRules: undefined })),
    () => changed('gcp:bigquery/datasetAccess:DatasetAccess', withInputs({ specialGroup: 'allAuthenticatedUsers' })),
    () => changed('gcp:bigquery/table:Table', withInputs({ timePartitioning: undefined })),
  ],
  'what the warehouse could not write is set aside': [
    () => changed('gcp:pubsub/subscription:Subscription', withInputs({ deadLetterPolicy: undefined })),
  ],
  'pipelines run a pinned release, as their own account, without public addresses': [
    () => changed(PIPELINE, withInputs({ containerSpecGcsPath: 'gs://dataflow-templates-us-east4/latest/flex/X' })),
    () => changed(PIPELINE, withInputs({ serviceAccountEmail: undefined })),
    () => changed(PIPELINE, withInputs({ ipConfiguration: 'WORKER_IP_PUBLIC' })),
    () => changed(PIPELINE, withInputs({ maxWorkers: undefined })),
  ],
  'machines and tasks run by digest, logged, and keep their credentials to themselves': [
    () => changed(TASK, inContainer({ image: 'media:latest' })),
    () => changed(TASK, inContainer({ logConfiguration: undefined })),
    () => changed(TASK, inContainer({ readonlyRootFilesystem: false })),
    () => changed(TASK, inContainer({ privileged: true })),
    () => changed('aws:ec2/launchTemplate:LaunchTemplate', withInputs({ metadataOptions: { httpTokens: 'optional' } })),
  ],
  'strangers reach only the doors': [
    () => changed(DOOR, withInputs({ cidrIpv4: '0.0.0.0/0', fromPort: 7_000, toPort: 7_000 })),
    () => changed(DOOR, withInputs({ cidrIpv4: '0.0.0.0/0', fromPort: 443, toPort: 8_082 })),
    () => changed(DOOR, withInputs({ cidrIpv6: '::/0', ipProtocol: '-1' })),
  ],
  'the edge and every door speak TLS 1.2 or better': [
    () => changed('aws:lb/listener:Listener', withInputs({ protocol: 'HTTP', sslPolicy: undefined })),
    () => changed('aws:lb/listener:Listener', withInputs({ protocol: 'TLS', sslPolicy: 'ELBSecurityPolicy-2016-08' })),
    () => changed(EDGE, inEdge('viewerCertificate', { minimumProtocolVersion: 'TLSv1' })),
    () => changed(EDGE, inEdge('orderedCacheBehaviors', { viewerProtocolPolicy: 'allow-all' })),
  ],
  'the edge signs what it asks of buckets, and checks rights on every path': [
    () => changed(EDGE, inEdge('origins', { originAccessControlId: undefined })),
    () => changed(EDGE, inEdge('defaultCacheBehavior', { functionAssociations: [] })),
  ],
  'every queue of work rings when it is not worked off': [
    () => changed('aws:cloudwatch/metricAlarm:MetricAlarm', withInputs({ metricName: 'NumberOfMessagesSent' })),
  ],
}

test('prod keeps every policy, on our own plane', () => {
  for (const { name, broken } of POLICIES) expect(broken(graph), name).toEqual([])
})

test('dev and prod keep every policy on Amazon’s plane too', () => {
  for (const [stack, made] of Object.entries(amazon)) {
    for (const { name, broken } of POLICIES) expect(broken(made), `${stack} ${name}`).toEqual([])
  }
})

test('one thing more in dev that bills while nobody is live is named', () => {
  const { dev } = amazon
  const idles = POLICIES.find(({ name }) => name === 'dev idles at near zero')
  const some = dev.resources[0] as GraphResource
  const planted: [string, Record<string, unknown>][] = [
    ['aws:ec2/natGateway:NatGateway', {}],
    ['aws:ecs/service:Service', { desiredCount: 1 }],
    ['gcp:memorystore/instance:Instance', {}],
    [RUN_SERVICE, { template: { scaling: { minInstanceCount: 1 } } }],
  ]
  for (const [type, inputs] of planted) {
    const resources = [...dev.resources, { ...some, type, name: 'planted', inputs }]
    expect(idles?.broken({ ...dev, resources }), type).toEqual([expect.stringContaining('planted bills')])
  }
})

test('each policy sees each way to break it', () => {
  expect(Object.keys(BREAKS)).toEqual(POLICIES.map(({ name }) => name))
  for (const { name, broken } of POLICIES) {
    for (const breaks of BREAKS[name] ?? []) expect(broken(breaks()), `${name}: ${String(breaks)}`).not.toEqual([])
  }
})
