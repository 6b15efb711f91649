import { existsSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { CONFIG_KEYS, type ConfigError, readConfig } from '#infra/config.ts'
import { ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { awsEvent } from '#shared/domain/aws-event.ts'
import { PLANE_SOURCE } from '#shared/domain/provider-event.ts'
import { SUBSCRIPTIONS, TOPICS } from '#shared/domain/topology.ts'
import { previewStack, stackConfig } from '#tools/preview/preview-stack.ts'

let graph: ResourceGraph
let unstable: readonly string[]
beforeAll(async () => {
  const preview = await previewStack('prod', stackConfig('prod'))
  graph = preview.made
  unstable = preview.unstable
}, 60_000)

const named = (type: string, name: string) => ofType(graph, type).find(each => each.name === name)

test('preview and update declare the same resources', () => {
  expect(unstable).toEqual([])
})

test('every topic and subscription of the topology exists, each subscription with its dead letters', () => {
  for (const { name } of TOPICS) expect(named('gcp:pubsub/topic:Topic', name), name).toBeDefined()
  for (const { name, service } of SUBSCRIPTIONS) {
    const { inputs } = named('gcp:pubsub/subscription:Subscription', name) ?? {}
    expect(inputs?.['deadLetterPolicy'], name).toMatchObject({ deadLetterTopic: `\${Topic.${name}--dead.id}` })
    expect(inputs?.['pushConfig'], name).toMatchObject({ oidcToken: { audience: service } })
  }
})

test('every bucket has a policy, which waits for the public access block', () => {
  const policies = ofType(graph, 'aws:s3/bucketPolicy:BucketPolicy')
  expect(policies).toHaveLength(ofType(graph, 'aws:s3/bucket:Bucket').length)
  for (const { dependencies } of policies) expect(dependencies.join(' ')).toContain('BucketPublicAccessBlock')
})

test('every source of events is caught in both regions, retried, and set aside where nobody took it', () => {
  const targets = ofType(graph, 'aws:cloudwatch/eventTarget:EventTarget')
  const rules = ofType(graph, 'aws:cloudwatch/eventRule:EventRule')
  const caught = rules.map(({ inputs }) => `${String(inputs['region'])} ${String(inputs['eventPattern'])}`)
  for (const region of ['us-east-1', 'ap-southeast-1']) {
    for (const { shape } of awsEvent.options) {
      const source = shape.source.value
      const says = shape['detail-type'].value
      expect(caught.some(each => each.startsWith(region) && each.includes(source) && each.includes(says))).toBe(true)
    }
    expect(caught.some(each => each.startsWith(region) && each.includes(PLANE_SOURCE))).toBe(true)
  }
  expect(targets).toHaveLength(rules.length)
  for (const { inputs } of targets) expect(inputs).toHaveProperty(['deadLetterConfig', 'arn'])
})

test('the forwarder is told every setting it reads, and may publish to one topic', () => {
  const environment = named('aws:lambda/function:Function', 'forwarder')?.inputs['environment']
  expect(environment).toEqual({
    variables: {
      PUBSUB_PROJECT: 'showreel-prod',
      PUBSUB_TOPIC: 'provider-events',
      PUBSUB_URL: 'https://us-east4-pubsub.googleapis.com',
      WORKLOAD_IDENTITY_AUDIENCE: '//iam.googleapis.com/${WorkloadIdentityPoolProvider.aws.name}',
    },
  })
  const members = ofType(graph, 'gcp:pubsub/topicIAMMember:TopicIAMMember').filter(({ inputs }) =>
    String(inputs['member']).startsWith('principalSet://'),
  )
  expect(members.map(({ inputs }) => inputs['topic'])).toEqual(['provider-events'])
})

test('every alarm names a runbook that exists', () => {
  const alarms = ofType(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm')
  expect(alarms.length).toBeGreaterThan(0)
  for (const { inputs } of alarms) {
    const page = /docs\/runbooks\/[\w-]+\.md/u.exec(String(inputs['alarmDescription']))?.[0] ?? ''
    expect(existsSync(page), String(inputs['alarmDescription'])).toBe(true)
  }
})

test('a role in AWS trusts one Google service account, by aud, oaud and sub', () => {
  const trust = String(named('aws:iam/role:Role', 'channels')?.inputs['assumeRolePolicy'])
  for (const key of ['aud', 'oaud', 'sub']) expect(trust).toContain(`accounts.google.com:${key}`)
  expect(trust).toContain('${Account.channels.uniqueId}')
})

test('prod protects its records, its events and its media', () => {
  for (const type of ['gcp:spanner/database:Database', 'gcp:pubsub/topic:Topic', 'aws:s3/bucket:Bucket']) {
    expect(
      ofType(graph, type).every(({ protect }) => protect),
      type,
    ).toBe(true)
  }
})

test('config that is absent is complained about all at once', () => {
  const required = CONFIG_KEYS.length - 5
  try {
    readConfig('dev', () => undefined)
    expect.unreachable()
  } catch (error) {
    expect((error as ConfigError).complaints.length).toBeGreaterThanOrEqual(required)
  }
})
