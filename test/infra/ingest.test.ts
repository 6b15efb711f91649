import { beforeAll, expect, test } from 'vitest'
import { servicesOf, type TargetName } from '#infra/ingest-doors.ts'
import { type GraphResource, ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { encoderSettings, liveSettings } from '#run-services/live/settings.ts'
import { PLANE_SOURCE } from '#shared/domain/provider-event.ts'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const REGIONS = ['us-east-1', 'ap-southeast-1']
/** AWS bounds names of balancers and target groups; Pulumi adds a dash and seven letters to ours. */
const NAME_MAX = 32 - 8

let prod: ResourceGraph
beforeAll(async () => {
  prod = await stackGraph('prod', { mediaPlane: 'selfhost' })
}, 600_000)

const of = (type: string, region: string) => ofType(prod, type).filter(({ inputs }) => inputs['region'] === region)
const named = (type: string, name: string) => ofType(prod, type).find(each => each.name === name)
const listeners = (region: string) =>
  of('aws:lb/listener:Listener', region).map(({ inputs }) => `${String(inputs['protocol'])} ${String(inputs['port'])}`)
const SERVICE = 'aws:ecs/service:Service'
const TASK = 'aws:ecs/taskDefinition:TaskDefinition'

type Container = { name: string; command: string[]; image: string; environment: { name: string; value: string }[] }
function containerOf(task: GraphResource | undefined): Container {
  const [container] = JSON.parse(String(task?.inputs['containerDefinitions'])) as Container[]
  if (container === undefined) throw new Error('a task without a container')
  return container
}

test('every region has RTMP, RTMPS, sixteen SRT ports, HTTPS for the edge, and encoders behind an inner door', () => {
  for (const region of REGIONS) {
    expect(listeners(region).filter(each => each.startsWith('UDP'))).toHaveLength(16)
    expect(listeners(region)).toEqual(expect.arrayContaining(['TCP 1935', 'TLS 443', 'HTTPS 443', 'TCP 7000']))
    const inside = of('aws:lb/loadBalancer:LoadBalancer', region).filter(({ inputs }) => inputs['internal'] === true)
    expect(inside.map(({ name }) => name)).toEqual([`encoders-${region}`])
  }
})

test('a port without a protocol for health asks over HTTP, and answers for the task’s readiness', () => {
  const groups = ofType(prod, 'aws:lb/targetGroup:TargetGroup').filter(({ inputs }) => inputs['protocol'] === 'UDP')
  expect(groups).toHaveLength(32)
  for (const { inputs } of groups) expect(inputs['healthCheck']).toMatchObject({ protocol: 'HTTP', path: '/readyz' })
})

test('no service has more than five target groups, and every door has a service', () => {
  const targets: TargetName[] = [
    'rtmp',
    'media',
    'plane',
    ...Array.from({ length: 40 }, (_, n) => `srt-${10_000 + n}` as const),
  ]
  for (let count = 3; count <= targets.length; count += 1) {
    const services = servicesOf(targets.slice(0, count))
    expect(Math.max(...services.map(each => each.length))).toBeLessThanOrEqual(5)
    expect(services.flat().sort()).toEqual(targets.slice(0, count).sort())
    expect(services[0]).toEqual(expect.arrayContaining(['rtmp', 'media', 'plane']))
  }
  for (const { inputs, name } of ofType(prod, SERVICE)) {
    expect((inputs['loadBalancers'] as unknown[] | undefined)?.length ?? 0, name).toBeLessThanOrEqual(5)
  }
})

test('a service starts after its doors listen', () => {
  const [service] = of(SERVICE, 'us-east-1').filter(({ name }) => name.startsWith('live-'))
  for (const what of ['Listener::rtmp-us-east-1', 'ListenerRule::live-us-east-1', 'ClusterCapacityProviders']) {
    expect(service?.dependencies.join(' ')).toContain(what)
  }
})

test('doors run on demand; encoders on Spot machines of several types, rebalanced, drained, one encoder a machine', () => {
  for (const region of REGIONS) {
    const on = (name: string) => named(SERVICE, `${name}-${region}`)?.inputs['capacityProviderStrategies']
    expect(on('live')).toEqual([{ capacityProvider: 'FARGATE', weight: 1 }])
    expect(on('encoders')).toEqual([{ capacityProvider: `\${CapacityProvider.encoders-${region}.name}`, weight: 1 }])
    expect(named(SERVICE, `encoders-${region}`)?.inputs['placementConstraints']).toEqual([{ type: 'distinctInstance' }])
    const group = named('aws:autoscaling/group:Group', `encoders-${region}`)?.inputs
    expect(group).toMatchObject({
      capacityRebalance: true,
      mixedInstancesPolicy: { instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 } },
    })
    const provider = named('aws:ecs/capacityProvider:CapacityProvider', `encoders-${region}`)?.inputs
    expect(provider?.['autoScalingGroupProvider']).toMatchObject({ managedDraining: 'ENABLED' })
  }
})

test('machines keep their credentials to themselves and let ffmpeg’s sandbox start', () => {
  for (const { inputs } of ofType(prod, 'aws:ec2/launchTemplate:LaunchTemplate')) {
    expect(inputs['metadataOptions']).toMatchObject({ httpTokens: 'required', httpPutResponseHopLimit: 1 })
    const start = Buffer.from(String(inputs['userData']), 'base64').toString('utf8')
    expect(start).toContain('ECS_ENABLE_SPOT_INSTANCE_DRAINING=true')
    const profile = /<<'PROFILE'\n(.*)\nPROFILE/u.exec(start)?.[1] ?? ''
    const refused = (JSON.parse(profile) as { syscalls: { names: string[] }[] }).syscalls.flatMap(({ names }) => names)
    expect(refused).toEqual(expect.arrayContaining(['bpf', 'kexec_load', 'init_module', 'ptrace']))
    for (const needed of ['clone', 'clone3', 'unshare', 'mount', 'pivot_root', 'umount2'])
      expect(refused).not.toContain(needed)
  }
})

test('each task runs its row of the catalogue by digest, with a read-only root and a log', () => {
  const rows = new Map(SERVICES.map(row => [row.name, row]))
  const tasks = ofType(prod, TASK)
  expect(tasks.length).toBeGreaterThan(0)
  for (const task of tasks) {
    const container = containerOf(task)
    expect(container.command).toEqual([rows.get(container.name)?.entry])
    expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/u)
    expect(container).toMatchObject({ readonlyRootFilesystem: true, logConfiguration: { logDriver: 'awslogs' } })
  }
})

/** Set by ECS itself in every task. */
const BY_ECS = ['ECS_CONTAINER_METADATA_URI_V4']
/** Of ports that are open and behind which no door stands yet. */
const SRT = ['SRT_HOST', 'SRT_PORTS']

test.each([
  ['live-us-east-1', liveSettings],
  ['live-srt-1-ap-southeast-1', liveSettings],
  ['encoders-us-east-1', encoderSettings],
])('%s is told every setting that has no fallback, and nothing its program does not read', (name, settings) => {
  const told = containerOf(named(TASK, name)).environment.map(each => each.name)
  const rows = settings.describe()
  const known = [...rows.map(({ variable }) => variable), ...SRT]
  expect(told.filter(variable => !known.includes(variable))).toEqual([])
  const required = rows.filter(({ fallback }) => fallback === 'required').map(({ variable }) => variable)
  expect(required.filter(variable => !told.includes(variable) && !BY_ECS.includes(variable))).toEqual([])
})

test('an encoder has no role, and its machines let nobody in but the inner door', () => {
  for (const region of REGIONS) {
    expect(named(TASK, `encoders-${region}`)?.inputs['taskRoleArn']).toBeUndefined()
    const rules = ofType(prod, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')
    const into = rules.filter(({ inputs }) => inputs['securityGroupId'] === `\${SecurityGroup.encoders-${region}.id}`)
    expect(into.map(({ inputs }) => inputs['referencedSecurityGroupId'])).toEqual([
      `\${SecurityGroup.encoders-${region}-door.id}`,
    ])
  }
})

test('a door writes its own region’s objects and its own events, and reads two secrets', () => {
  const grants = String(named('aws:iam/rolePolicy:RolePolicy', 'plane-us-east-1')?.inputs['policy'])
  expect(grants).toContain('${Bucket.media-us-east-1.arn}/plane/*')
  expect(grants).not.toContain('ap-southeast-1')
  expect(grants).toContain(PLANE_SOURCE)
  // Without it S3 answers 403 for an object that is not there, and the plane could not tell absence from trouble.
  expect(grants).toContain('"StringLikeIfExists":{"s3:prefix"')
  const secrets = ofType(prod, 'gcp:secretmanager/secretIamMember:SecretIamMember').filter(({ name }) =>
    name.startsWith('plane-us-east-1'),
  )
  expect(secrets.map(({ name }) => name.replace('plane-us-east-1-reads-', ''))).toEqual([
    'playback-tokens',
    'stream-keys',
  ])
})

test('names of balancers and target groups fit with what Pulumi adds to them', () => {
  for (const type of ['aws:lb/loadBalancer:LoadBalancer', 'aws:lb/targetGroup:TargetGroup']) {
    for (const { name } of ofType(prod, type)) expect(name.length, name).toBeLessThanOrEqual(NAME_MAX)
  }
})

test('publishers and the edge find each region by name', () => {
  const records = ofType(prod, 'aws:route53/record:Record').map(({ inputs }) => inputs['name'])
  for (const region of REGIONS) {
    expect(records).toEqual(
      expect.arrayContaining([`ingest-${region}.showreel.example`, `origin-${region}.showreel.example`]),
    )
  }
  expect(prod.outputs['ingest']).toEqual(expect.arrayContaining(['rtmps://ingest-us-east-1.showreel.example:443/live']))
})
