import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { workersFor } from '#infra/encode-scaling.ts'
import { ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { workerSettings } from '#run-services/worker/settings.ts'
import { QUEUES } from '#shared/domain/topology.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const WORKER_QUEUES = QUEUES.filter(({ runner }) => runner === 'worker')

let prod: ResourceGraph
let selfhost: ResourceGraph
beforeAll(async () => {
  prod = await stackGraph('prod')
  selfhost = await stackGraph('prod', { mediaPlane: 'selfhost' })
}, 600_000)

const named = (type: string, name: string, graph = prod) => ofType(graph, type).find(each => each.name === name)

test('every queue a worker serves is there with its dead letters; its service alone may send, workers alone receive', () => {
  for (const { name, service } of WORKER_QUEUES) {
    const queue = named('aws:sqs/queue:Queue', name)
    expect(String(queue?.inputs['redrivePolicy']), name).toContain(`\${Queue.${name}-dead.arn}`)
    const may = (verb: string) =>
      ofType(prod, 'aws:iam/rolePolicy:RolePolicy').filter(
        ({ inputs }) =>
          String(inputs['policy']).includes(`\${Queue.${name}.arn}`) && String(inputs['policy']).includes(verb),
      )
    expect(may('sqs:SendMessage').map(({ inputs }) => inputs['role'])).toEqual([`\${Role.${service}.name}`])
    expect(may('sqs:ReceiveMessage').map(({ name: grant }) => grant)).toEqual(['worker'])
  }
})

test('workers hold no credential of the database or of media: queues are all their role may touch', () => {
  const [policy, ...more] = ofType(prod, 'aws:iam/rolePolicy:RolePolicy').filter(
    ({ inputs }) => inputs['role'] === named('aws:iam/role:Role', 'worker')?.inputs['name'],
  )
  expect(more).toEqual([])
  const { Statement } = JSON.parse(String(policy?.inputs['policy'])) as { Statement: { Action: string[] }[] }
  expect(Statement.flatMap(({ Action }) => Action).every(each => each.startsWith('sqs:'))).toBe(true)
  const task = named('aws:ecs/taskDefinition:TaskDefinition', 'worker-us-east-1')
  expect(String(task?.inputs['containerDefinitions'])).not.toMatch(/SPANNER|DATABASE|BUCKET/u)
  const members = ofType(prod, 'gcp:spanner/databaseIAMMember:DatabaseIAMMember').map(({ name }) => name)
  expect(members).not.toContain('worker')
})

test('services that wake workers are told where', () => {
  for (const service of new Set(WORKER_QUEUES.map(queue => queue.service))) {
    const template = named('gcp:cloudrunv2/service:Service', service)?.inputs['template']
    for (const queue of WORKER_QUEUES) expect(JSON.stringify(template)).toContain(`Queue.${queue.name}.url`)
  }
})

test('a worker is told every setting that has no fallback, and nothing it does not read', () => {
  const task = named('aws:ecs/taskDefinition:TaskDefinition', 'worker-us-east-1')
  const [container] = JSON.parse(String(task?.inputs['containerDefinitions'])) as { environment: { name: string }[] }[]
  const told = new Set(container?.environment.map(({ name }) => name))
  const rows = workerSettings.describe()
  expect(rows.map(({ variable }) => variable)).toEqual(expect.arrayContaining([...told]))
  for (const { variable, fallback } of rows) if (fallback === 'required') expect(told, variable).toContain(variable)
})

test('the fleet grows with what waits and runs in all queues together, and ends when nothing does', () => {
  const out = named('aws:cloudwatch/metricAlarm:MetricAlarm', 'worker-us-east-1-out')
  const queries = out?.inputs['metricQueries'] as { metric?: { dimensions: { QueueName: string } } }[]
  const watched = queries.flatMap(({ metric }) => metric?.dimensions.QueueName ?? [])
  expect(new Set(watched)).toEqual(new Set(WORKER_QUEUES.map(({ name }) => `\${Queue.${name}.name}`)))
  expect(out?.inputs['alarmActions']).toEqual(['${Policy.worker-us-east-1-out.arn}'])
  const end = named('aws:appautoscaling/policy:Policy', 'worker-us-east-1-in')
  expect(end?.inputs['stepScalingPolicyConfiguration']).toMatchObject({
    adjustmentType: 'ExactCapacity',
    stepAdjustments: [{ scalingAdjustment: 0, metricIntervalUpperBound: '0' }],
  })
})

test('steps of scaling leave no depth out, never shrink with depth, and end at the most there may be', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), max => {
      const steps = workersFor(max)
      expect(steps[0]?.metricIntervalLowerBound).toBe('0')
      for (const [index, step] of steps.entries()) {
        expect(step.metricIntervalUpperBound).toBe(steps[index + 1]?.metricIntervalLowerBound)
        expect(step.scalingAdjustment).toBeGreaterThan(steps[index - 1]?.scalingAdjustment ?? 0)
      }
      expect(steps.at(-1)?.scalingAdjustment).toBe(max)
    }),
  )
})

test('MediaConvert and IVS are there on Amazon’s plane, and neither on ours', () => {
  for (const type of [
    'aws:mediaconvert/queue:Queue',
    'aws:ivs/recordingConfiguration:RecordingConfiguration',
    'aws:ivs/channel:Channel',
  ]) {
    expect(ofType(prod, type), type).toHaveLength(1)
    expect(ofType(selfhost, type), type).toHaveLength(0)
  }
  expect(
    named('aws:ivs/recordingConfiguration:RecordingConfiguration', 'recordings')?.inputs['destinationConfiguration'],
  ).toEqual({
    s3: { bucketName: '${Bucket.media-us-east-1.bucket}' },
  })
})

test('what a service may do in AWS is what its row says', () => {
  const policy = (name: string, graph: ResourceGraph) =>
    String(named('aws:iam/rolePolicy:RolePolicy', name, graph)?.inputs['policy'])
  expect(policy('channels-media', prod)).toContain('ivs:CreateChannel')
  expect(policy('channels-media', selfhost)).not.toContain('ivs:')
  expect(policy('clips-media', prod)).not.toContain('ivs:')
  for (const name of ['channels-media', 'clips-media']) {
    expect(policy(name, prod)).toContain('${Bucket.media-ap-southeast-1.arn}/play/*')
    expect(policy(name, prod)).not.toContain('/plane/')
  }
})
