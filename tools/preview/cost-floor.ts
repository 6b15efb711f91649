import { MONTH_H, PRICES } from '#infra/prices.ts'
import { componentOf, type GraphResource, ofType, type ResourceGraph } from '#infra/resource-graph.ts'

/** What a stack costs a month while nobody uses it. */
export type CostFloor = {
  /** US dollars a month by component, dearest first; components that cost nothing idle are not in it. */
  byComponent: readonly { component: string; usd: number }[]
  usd: number
  /** Types nobody has said a price of, nor that they cost nothing idle. */
  unpriced: readonly string[]
}

const MIB_A_GIB = 1_024
const CPU_UNITS = 1_024
/** Cores by the size in a machine's type. */
const CORES: Readonly<Record<string, number>> = { large: 2, xlarge: 4, '2xlarge': 8 }
/** Disk of a machine (infra/media-fleet.ts). */
const DISK_GB = 60
/** Forwarding rules that share one price. */
const RULES_SHARED = 5

/** Modules whose resources cost by use alone, but for the types in `IDLE`. */
const BY_USE = {
  aws: 'acm appautoscaling autoscaling budgets cloudfront cloudwatch ec2 ecr ecs iam ivs lambda lb mediaconvert route53 s3 s3control sns sqs vpc',
  gcp: 'artifactregistry bigquery billing certificatemanager cloudrunv2 cloudscheduler cloudtasks compute dataflow iam logging memorystore monitoring networkconnectivity projects pubsub secretmanager serviceaccount spanner storage',
} as const
/** Would bill every hour and are in no stack; one that appears must be priced first. */
const NEVER = ['aws:ec2/natGateway:NatGateway', 'aws:ec2/instance:Instance', 'gcp:compute/routerNat:RouterNat']

type Idle = (resource: GraphResource, graph: ResourceGraph) => number

/** US dollars a month of a resource that costs while idle. */
const IDLE: Readonly<Record<string, Idle>> = {
  'aws:lb/loadBalancer:LoadBalancer': () => PRICES.balancerHour * MONTH_H,
  'aws:autoscaling/group:Group': ({ inputs }) => Number(inputs['minSize']) * machine(inputs),
  'aws:ecs/service:Service': fargate,
  'aws:cloudwatch/metricAlarm:MetricAlarm': ({ inputs }) =>
    PRICES.alarmMetricMonth *
    ((inputs['metricQueries'] as { metric?: unknown }[] | undefined)?.filter(each => each.metric !== undefined)
      .length ?? 1),
  'aws:mediaconvert/queue:Queue': ({ inputs }) =>
    PRICES.mediaConvertSlotMonth * Number(at(inputs, 'reservationPlanSettings', 'reservedSlots') ?? 0),
  'gcp:spanner/instance:Instance': spanner,
  'gcp:memorystore/instance:Instance': ({ inputs }) =>
    PRICES.valkeyNodeHour * MONTH_H * Number(inputs['shardCount']) * (1 + Number(inputs['replicaCount'] ?? 0)),
  'gcp:cloudrunv2/service:Service': runService,
  'gcp:cloudrunv2/workerPool:WorkerPool': ({ inputs }) =>
    Number(at(inputs, 'scaling', 'manualInstanceCount') ?? 0) *
    sized(inputs, PRICES.runPoolVcpuHour, PRICES.runPoolGbHour) *
    MONTH_H,
  'gcp:compute/globalForwardingRule:GlobalForwardingRule': ({ type }, graph) =>
    (PRICES.forwardingRulesHour * MONTH_H) / Math.min(RULES_SHARED, ofType(graph, type).length),
  'gcp:compute/securityPolicy:SecurityPolicy': ({ inputs }) =>
    PRICES.armorPolicyMonth + PRICES.armorRuleMonth * ((inputs['rules'] as unknown[] | undefined)?.length ?? 0),
  'gcp:cloudscheduler/job:Job': () => PRICES.schedulerJobMonth,
  'gcp:secretmanager/secret:Secret': ({ inputs }) =>
    PRICES.secretPlaceMonth *
    ((at(inputs, 'replication', 'userManaged', 'replicas') as unknown[] | undefined)?.length ?? 1),
  'gcp:monitoring/alertPolicy:AlertPolicy': ({ inputs }) =>
    PRICES.alertConditionMonth * ((inputs['conditions'] as unknown[] | undefined)?.length ?? 1),
  'gcp:dataflow/flexTemplateJob:FlexTemplateJob': ({ inputs }) =>
    PRICES.dataflowWorkerHour * MONTH_H * Number(inputs['numWorkers'] ?? 1),
}

/** What a graph costs a month before anybody uses it, from the price table. */
export function costFloor(graph: ResourceGraph): CostFloor {
  const sums = new Map<string, number>()
  const unpriced = new Set<string>()
  for (const resource of graph.resources) {
    if (!resource.custom) continue
    const idle = IDLE[resource.type]
    if (idle === undefined && !costsByUse(resource.type)) unpriced.add(resource.type)
    const component = componentOf(graph, resource)
    sums.set(component, (sums.get(component) ?? 0) + (idle?.(resource, graph) ?? 0))
  }
  const byComponent = [...sums]
    .filter(([, usd]) => usd > 0)
    .map(([component, usd]) => ({ component, usd }))
    .sort((a, b) => b.usd - a.usd)
  return { byComponent, usd: byComponent.reduce((sum, { usd }) => sum + usd, 0), unpriced: [...unpriced].sort() }
}

function costsByUse(type: string): boolean {
  const [, cloud, module = ''] = /^(aws|gcp):(\w+)\//u.exec(type) ?? []
  if (cloud === undefined || NEVER.includes(type)) return false
  return BY_USE[cloud as keyof typeof BY_USE].split(' ').includes(module)
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}

/** One of our Spot machines: its cores, its disk, its address. */
function machine(inputs: GraphResource['inputs']): number {
  const overrides = at(inputs, 'mixedInstancesPolicy', 'launchTemplate', 'overrides') as { instanceType?: string }[]
  const size = overrides[0]?.instanceType?.split('.')[1] ?? ''
  const cores = CORES[size]
  if (cores === undefined) throw new Error(`Nobody has said how many cores a machine of size ${size} has.`)
  return (cores * PRICES.spotVcpuHour + PRICES.publicAddressHour) * MONTH_H + DISK_GB * PRICES.diskGbMonth
}

/** Tasks kept on Fargate; tasks on machines cost nothing beside them. */
function fargate({ inputs, inputDependencies }: GraphResource, graph: ResourceGraph): number {
  const providers = inputs['capacityProviderStrategies'] as { capacityProvider?: string }[] | undefined
  if (providers?.some(({ capacityProvider }) => capacityProvider === 'FARGATE') !== true) return 0
  const task = graph.resources.find(({ urn }) => inputDependencies['taskDefinition']?.includes(urn) === true)
  const vcpu = Number(task?.inputs['cpu']) / CPU_UNITS
  const gb = Number(task?.inputs['memory']) / MIB_A_GIB
  const hour = vcpu * PRICES.fargateVcpuHour + gb * PRICES.fargateGbHour + PRICES.publicAddressHour
  return Number(inputs['desiredCount'] ?? 1) * hour * MONTH_H
}

function spanner({ inputs }: GraphResource): number {
  const least = at(inputs, 'autoscalingConfig', 'autoscalingLimits', 'minProcessingUnits')
  const units = Number(inputs['processingUnits'] ?? least ?? 0)
  return (units / 1_000) * PRICES.spannerThousandUnitsHour * MONTH_H
}

/** Instances kept: at the idle price, or at the full one where their CPU stays theirs between requests. */
function runService({ inputs }: GraphResource): number {
  const kept = Number(at(inputs, 'template', 'scaling', 'minInstanceCount') ?? 0)
  const container = (at(inputs, 'template', 'containers') as unknown[] | undefined)?.[0]
  const always = at(container, 'resources', 'cpuIdle') === false
  const hour = always
    ? sized(inputs, PRICES.runAlwaysVcpuHour, PRICES.runAlwaysGbHour)
    : sized(inputs, PRICES.runIdleVcpuHour, PRICES.runIdleGbHour)
  return kept * hour * MONTH_H
}

/** US dollars an hour of one instance of a Cloud Run template. */
function sized(inputs: GraphResource['inputs'], vcpuHour: number, gbHour: number): number {
  const container = (at(inputs, 'template', 'containers') as unknown[] | undefined)?.[0]
  const cpu = Number(at(container, 'resources', 'limits', 'cpu') ?? 1)
  const limit = at(container, 'resources', 'limits', 'memory')
  const memory = Number.parseInt(typeof limit === 'string' ? limit : '512Mi', 10)
  return cpu * vcpuHour + (memory / MIB_A_GIB) * gbHour
}
