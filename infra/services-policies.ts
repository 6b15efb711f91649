import { SERVICES } from '#shared/domain/service-catalogue.ts'
import type { Policy } from './policies.ts'
import { type GraphResource, ofType, type ResourceGraph } from './resource-graph.ts'

const SERVICE = 'gcp:cloudrunv2/service:Service'
const POOL = 'gcp:cloudrunv2/workerPool:WorkerPool'
const JOB = 'gcp:cloudrunv2/job:Job'
const BACKEND = 'gcp:compute/backendService:BackendService'
const DIGEST = /@sha256:[0-9a-f]{64}$/u

/** What bills in dev while nobody is live, and why it may; everything else starts from nothing. */
const IDLES_IN_DEV: Readonly<Record<string, string>> = {
  records: 'the smallest Spanner there is, 100 processing units',
  relay: 'one instance: a pool does not start from nothing',
  'door-https': 'the load balancer answers always',
  'door-http': 'sends people to https',
}

/** Rules of what runs on Google Cloud. */
export const SERVICE_POLICIES: readonly Policy[] = [
  { name: 'every service has its own identity, probes and bounds, and runs by digest', broken: unbounded },
  { name: 'nothing is public but what the catalogue says', broken: exposed },
  { name: 'dev idles at near zero', broken: idling },
]

type Container = {
  name?: string
  image?: string
  startupProbe?: unknown
  livenessProbe?: unknown
  resources?: { limits?: { cpu?: string; memory?: string } }
}

type Template = {
  serviceAccount?: string
  timeout?: string
  maxInstanceRequestConcurrency?: number
  scaling?: { minInstanceCount?: number; maxInstanceCount?: number }
  containers?: Container[]
}

/** The template that makes instances; jobs have it one level deeper. */
function templateOf({ type, inputs }: GraphResource): Template {
  const template = (inputs['template'] ?? {}) as Template & { template?: Template }
  return type === JOB ? (template.template ?? {}) : template
}

function appOf(resource: GraphResource): Container {
  return templateOf(resource).containers?.find(({ name }) => name === 'app') ?? {}
}

function unbounded(graph: ResourceGraph): string[] {
  const running = [SERVICE, POOL, JOB].flatMap(type => ofType(graph, type))
  return running.flatMap(resource => {
    const { type, inputs } = resource
    const name = String(inputs['name'])
    const template = templateOf(resource)
    const app = appOf(resource)
    const found: string[] = []
    const lacks = (what: string, there: unknown) => {
      if (there === undefined || there === false) found.push(`${name} in ${String(inputs['location'])} has no ${what}`)
    }
    lacks('identity of its own', template.serviceAccount?.includes(`\${Account.${name}.`))
    lacks('image by digest', DIGEST.test(app.image ?? ''))
    lacks('bound on memory', app.resources?.limits?.memory)
    lacks('bound on CPU', app.resources?.limits?.cpu)
    if (type !== JOB) lacks('startup probe', app.startupProbe)
    if (type !== JOB) lacks('liveness probe', app.livenessProbe)
    if (type !== POOL) lacks('longest time', template.timeout)
    if (type === SERVICE) lacks('bound on instances', template.scaling?.maxInstanceCount)
    if (type === SERVICE) lacks('bound on requests at a time', template.maxInstanceRequestConcurrency)
    return found
  })
}

function exposed(graph: ResourceGraph): string[] {
  const open = new Set(SERVICES.filter(each => each.public).map(({ name }) => name))
  const services = ofType(graph, SERVICE).flatMap(({ inputs }) => {
    const name = String(inputs['name'])
    const found: string[] = []
    if (inputs['invokerIamDisabled'] === true && !open.has(name)) found.push(`${name} lets everybody call it`)
    if (inputs['ingress'] !== 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER') found.push(`${name} is reachable past the door`)
    return found
  })
  const backends = ofType(graph, BACKEND).flatMap(({ name, inputs }) => [
    ...(open.has(name) ? [] : [`the door leads to ${name}`]),
    ...(inputs['securityPolicy'] === undefined ? [`the door to ${name} has no edge rules`] : []),
  ])
  return [...services, ...backends]
}

function idling(graph: ResourceGraph): string[] {
  if (graph.config['showreel:tier'] !== 'dev') return []
  // Our own plane has machines that wait for publishers; who chooses it pays for them.
  const chosen = graph.config['showreel:mediaPlane'] === 'selfhost' ? /^aws:/u : /^$/u
  return graph.resources
    .filter(({ type }) => !chosen.test(type))
    .filter(resource => billsWhileIdle(resource) && IDLES_IN_DEV[resource.name] === undefined)
    .map(({ name, type }) => `${type.split(':').at(-1) ?? ''} ${name} bills while nobody is live`)
}

/** Types that bill by being there, however small. */
const ALWAYS_BILLED = new Set([
  'gcp:spanner/instance:Instance',
  'gcp:memorystore/instance:Instance',
  'gcp:compute/globalForwardingRule:GlobalForwardingRule',
  'gcp:compute/routerNat:RouterNat',
  'gcp:dataflow/flexTemplateJob:FlexTemplateJob',
  'gcp:sql/databaseInstance:DatabaseInstance',
  'gcp:vpcaccess/connector:Connector',
  'aws:lb/loadBalancer:LoadBalancer',
  'aws:ec2/natGateway:NatGateway',
  'aws:ec2/eip:Eip',
  'aws:kms/key:Key',
  'aws:rds/instance:Instance',
])
/** Inputs that make a type bill once they are above nothing. */
const BILLED_FROM: Readonly<Record<string, string>> = {
  'aws:ecs/service:Service': 'desiredCount',
  'aws:autoscaling/group:Group': 'minSize',
  'aws:mediaconvert/queue:Queue': 'reservationPlanSettings',
}

function billsWhileIdle(resource: GraphResource): boolean {
  const { type, inputs } = resource
  if (ALWAYS_BILLED.has(type) || type === POOL) return true
  const from = BILLED_FROM[type]
  if (from !== undefined) return Boolean(inputs[from] ?? 0)
  return type === SERVICE && (templateOf(resource).scaling?.minInstanceCount ?? 0) > 0
}
