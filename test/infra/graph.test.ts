import { beforeAll, expect, test } from 'vitest'
import { CONFIG_KEYS, type ConfigError, readConfig } from '#infra/config.ts'
import { ofType, type ResourceGraph } from '#infra/resource-graph.ts'
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

test('a bucket policy waits for the public access block', () => {
  const policies = ofType(graph, 'aws:s3/bucketPolicy:BucketPolicy')
  expect(policies).toHaveLength(2)
  for (const { dependencies } of policies) expect(dependencies.join(' ')).toContain('BucketPublicAccessBlock')
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
