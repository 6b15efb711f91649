import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { googleServices } from '#infra/identity.ts'
import { type GraphResource, ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { serviceBehind } from '#shared/domain/front-door.ts'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { QUEUES, SUBSCRIPTIONS } from '#shared/domain/topology.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const RUNS = {
  service: 'gcp:cloudrunv2/service:Service',
  pool: 'gcp:cloudrunv2/workerPool:WorkerPool',
  job: 'gcp:cloudrunv2/job:Job',
}

let prod: ResourceGraph
let elsewhere: ResourceGraph
let foundation: ResourceGraph
beforeAll(async () => {
  prod = await stackGraph('prod')
  elsewhere = await stackGraph('prod', { dns: 'external' })
  foundation = await stackGraph('prod', { stage: 'foundation' })
}, 600_000)

const running = () => Object.values(RUNS).flatMap(type => ofType(prod, type))
const at = (name: string) => running().filter(({ inputs }) => inputs['name'] === name)

type Template = { containers: { name: string; args?: string[]; envs?: { name: string; value: string }[] }[] }

function environment(resource: GraphResource): Map<string, string> {
  const template = resource.inputs['template'] as Template & { template?: Template }
  const { containers } = template.template ?? template
  return new Map(containers[0]?.envs?.map(({ name, value }) => [name, value]))
}

test('every row of the catalogue that belongs on Google Cloud runs there, in each of its regions', () => {
  const regions = { home: ['us-east4'], every: ['us-east4', 'asia-southeast1'] }
  for (const row of googleServices()) {
    const found = at(row.name)
    expect(new Set(found.map(({ type }) => type)), row.name).toEqual(new Set([RUNS[row.kind as keyof typeof RUNS]]))
    expect(
      found.map(({ inputs }) => inputs['location']),
      row.name,
    ).toEqual(row.everyRegion ? regions.every : regions.home)
  }
})

test('each container is told its entry file by the catalogue', () => {
  for (const row of googleServices()) {
    for (const resource of at(row.name))
      expect(JSON.stringify(resource.inputs['template'])).toContain(`["${row.entry}"]`)
  }
})

test('the first of two deployments has a place for images and secrets, and runs nothing', () => {
  expect(ofType(foundation, 'gcp:artifactregistry/repository:Repository')).toHaveLength(1)
  expect(ofType(foundation, 'gcp:secretmanager/secret:Secret').length).toBeGreaterThan(0)
  for (const type of [...Object.values(RUNS), 'gcp:compute/uRLMap:URLMap']) expect(ofType(foundation, type)).toEqual([])
})

describe('the front door', () => {
  type Rules = { routeRules: { priority: number; service: string; matchRules: { prefixMatch: string }[] }[] }[]

  function leadsTo(path: string): string {
    const [door] = ofType(prod, 'gcp:compute/uRLMap:URLMap').filter(({ name }) => name === 'door')
    const [matcher] = (door?.inputs['pathMatchers'] ?? []) as Rules
    const rules = (matcher?.routeRules ?? []).toSorted((a, b) => a.priority - b.priority)
    const rule = rules.find(({ matchRules }) => matchRules.some(({ prefixMatch }) => path.startsWith(prefixMatch)))
    return /BackendService\.([\w-]+)\./u.exec(rule?.service ?? '')?.[1] ?? 'nowhere'
  }

  test('leads each path where the gateway of one machine leads it', () => {
    const paths = ['/', '/watch/x', '/v1/streams', '/v1/clips', '/v1/clip-rules:simulate', '/v1/feed/related', '/v1/me']
    const leases = [...new Set(QUEUES.map(({ service }) => service))].map(
      service => `/internal/${service}/jobs/x/lease`,
    )
    for (const path of [...paths, ...leases]) expect(leadsTo(path), path).toBe(serviceBehind(path))
  })

  test('has no way to what only the clouds call', () => {
    const edge = ofType(prod, 'gcp:compute/securityPolicy:SecurityPolicy')[0] as GraphResource
    const [first] = edge.inputs['rules'] as { action: string; match: { expr: { expression: string } } }[]
    const patterns = [...(first?.match.expr.expression.matchAll(/'([^']+)'/gu) ?? [])].map(([, text = '']) => text)
    const paths = [
      ...SUBSCRIPTIONS.map(({ name }) => `/push/${name}`),
      ...QUEUES.map(({ kind }) => `/tasks/${kind}`),
      '/metrics',
    ]
    expect(first?.action).toBe('deny(404)')
    for (const path of paths) {
      expect(
        patterns.some(pattern => new RegExp(pattern, 'u').test(path)),
        path,
      ).toBe(true)
      expect(leadsTo(path), path).toBe('web')
    }
  })

  test('writes its own records where the zone is ours, and says which to make where it is not', () => {
    const records = ofType(prod, 'aws:route53/record:Record').map(({ name }) => name)
    expect(records).toEqual(expect.arrayContaining(['door', 'door-proof']))
    expect(ofType(elsewhere, 'aws:route53/record:Record')).toEqual([])
    expect(elsewhere.outputs['doorProof']).toContain('CNAME')
    expect(elsewhere.outputs['doorAddress']).toContain('GlobalAddress.door')
  })
})

test('a subscription is made once its dead letters may be put aside and its pushes be signed', () => {
  for (const { name } of SUBSCRIPTIONS) {
    const made = ofType(prod, 'gcp:pubsub/subscription:Subscription').find(each => each.name === name)
    const waitsFor = made?.dependencies.join(' ') ?? ''
    expect(waitsFor, name).toContain(`TopicIAMMember::${name}--dead`)
    expect(waitsFor, name).toContain('IAMMember::pubsub-signs-pushes')
  }
})

test('a service is made with its account, and the door after the services it leads to', () => {
  for (const { name, inputDependencies } of ofType(prod, RUNS.service)) {
    expect(inputDependencies['template']?.join(' '), name).toContain('serviceaccount/account:Account')
  }
  for (const group of ofType(prod, 'gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup')) {
    expect(group.inputDependencies['cloudRun']?.join(' '), group.name).toContain('cloudrunv2/service:Service')
  }
})

test('two roles of one AWS account may become somebody here: the forwarder on its topic, the worker as itself', () => {
  const [provider] = ofType(prod, 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider')
  const roles = ['forwarder', 'worker'].map(name => `arn:aws:sts::777788889999:assumed-role/showreel-prod-${name}`)
  expect(provider?.inputs).toMatchObject({
    aws: { accountId: '777788889999' },
    attributeCondition: `attribute.aws_role in [${roles.map(role => `'${role}'`).join(', ')}]`,
  })
})

test('a secret is read by the services whose row names it, and by nobody else', () => {
  const grants = ofType(prod, 'gcp:secretmanager/secretIamMember:SecretIamMember').map(
    ({ inputs }) => `${String(inputs['secretId'])} ${String(inputs['member'])}`,
  )
  const wanted = googleServices().flatMap(({ name, secrets }) =>
    secrets.map(secret => `showreel-prod-${secret} \${Account.${name}.member}`),
  )
  expect(grants.toSorted()).toEqual(wanted.toSorted())
})

test('only who publishes by its row may publish, and each on its own topics', () => {
  const grants = ofType(prod, 'gcp:pubsub/topicIAMMember:TopicIAMMember')
    .filter(({ inputs }) => String(inputs['member']).startsWith('${Account.'))
    .map(({ inputs }) => `${String(inputs['topic'])} ${String(inputs['member'])}`)
  const wanted = SERVICES.flatMap(({ name, publishes }) =>
    publishes.map(topic => `${topic} \${Account.${name}.member}`),
  )
  expect(grants.toSorted()).toEqual(wanted.toSorted())
})

test('a service that speaks to AWS is told its role there and what its token must say', () => {
  for (const name of ['channels', 'clips']) {
    const told = environment(at(name)[0] as GraphResource)
    expect(told.get('AWS_ROLE_ARN')).toBe(`\${Role.${name}.arn}`)
    const role = ofType(prod, 'aws:iam/role:Role').find(each => each.name === name)
    expect(String(role?.inputs['assumeRolePolicy'])).toContain(`"${told.get('AWS_TOKEN_AUDIENCE') ?? 'nothing'}"`)
  }
})

test('a service that shares counters is told where, whose word to trust and who it is there; no other is', () => {
  for (const { name, uses } of googleServices()) {
    const told = environment(at(name)[0] as GraphResource)
    const [url, ca, auth] = ['REDIS_URL', 'REDIS_CA', 'REDIS_AUTH'].map(variable => told.get(variable))
    expect([url, ca, auth], name).toEqual(
      uses.includes('counters')
        ? ['rediss://${Instance.cache.endpoint.ip}', '${Instance.cache.authority.pem}', 'google']
        : [undefined, undefined, undefined],
    )
  }
})

type Described = { describe: () => { variable: string; fallback: string }[] }

const isSettings = (value: unknown): value is Described =>
  typeof value === 'object' && value !== null && 'describe' in value

test('each service is told every setting it cannot do without', async () => {
  const [, baked = ''] = /^ENV (.+)$/mu.exec(readFileSync('Dockerfile', 'utf8')) ?? []
  const inImage = baked.split(' ').map(pair => pair.split('=')[0])
  for (const { name, entry } of googleServices()) {
    const file = entry.replace('main.ts', 'settings.ts')
    const given = environment(at(name)[0] as GraphResource)
    expect(given.get('STACK'), name).toBe('prod')
    if (!existsSync(file)) continue
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
    const rows = Object.values(module)
      .filter(isSettings)
      .flatMap(settings => settings.describe())
    const required = rows.filter(({ fallback }) => fallback === 'required').map(({ variable }) => variable)
    expect(
      required.filter(variable => !inImage.includes(variable) && !given.has(variable)),
      name,
    ).toEqual([])
  }
})

test('pushes and wake-ups call a service at its own address, where it runs under that name', () => {
  for (const { name } of googleServices().filter(({ uses }) => uses.includes('wake'))) {
    const service = at(name)[0] as GraphResource
    const address = `https://${name}-555566667777.${String(service.inputs['location'])}.run.app`
    expect(environment(service).get('TASKS_URL'), name).toBe(address)
  }
  for (const { name, service } of SUBSCRIPTIONS) {
    const made = ofType(prod, 'gcp:pubsub/subscription:Subscription').find(each => each.name === name)
    const address = `https://${service}-555566667777.us-east4.run.app/push/${name}`
    expect(made?.inputs['pushConfig'], name).toMatchObject({ pushEndpoint: address })
  }
})

test('a synthetic show starts in both regions, at different minutes', () => {
  const schedules = ofType(prod, 'gcp:cloudscheduler/job:Job').map(({ inputs }) => inputs)
  expect(schedules.map(({ region }) => region)).toEqual(['us-east4', 'asia-southeast1'])
  expect(new Set(schedules.map(({ schedule }) => schedule)).size).toBe(2)
})
