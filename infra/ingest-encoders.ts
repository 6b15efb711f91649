import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { ServiceRow } from '#shared/domain/service-catalogue.ts'
import type { Alerting } from './alerting.ts'
import { awsAlarm } from './aws-alarm.ts'
import type { Plan } from './component.ts'
import { mediaFleet } from './media-fleet.ts'
import type { MediaImages } from './media-images.ts'
import { closedGroup, type MediaNetwork } from './media-network.ts'
import { mediaTask } from './media-task.ts'

/** Where an encoder takes a source; `RELAY_PORT` of the encoder. */
export const RELAY_PORT = 7_000
const CHECK_S = 10
const CHECKS = 2
/** Spot says two minutes before it takes a machine back; streams move within that, in s. */
const LEAVE_S = 100
const STOP_S = 110
/** Encoders are added above this, in percent of the machines' CPU: a new stream must fit at once. */
const CPU_PERCENT = 55
/** Above this the machines cannot keep up, in percent. */
const FULL_PERCENT = 90
const OUT_S = 30
const IN_S = 600

type EncodersOptions = {
  network: MediaNetwork
  cluster: aws.ecs.Cluster
  row: ServiceRow
  images: MediaImages
  /** The only ones who hand sources to encoders. */
  tasks: aws.ec2.SecurityGroup
  alerting: Alerting
}

/** Encoders on Spot behind an internal balancer: source bytes in, framed media out, one connection a stream. */
export function ingestEncoders(
  plan: Plan,
  options: EncodersOptions,
  own: pulumi.CustomResourceOptions,
): { host: pulumi.Output<string>; capacity: aws.ecs.CapacityProvider } {
  const { network, cluster, row, images, tasks } = options
  const { region } = network
  const name = `encoders-${region}`
  const { min } = row.instances[plan.config.tier]
  const door = closedGroup(
    `${name}-door`,
    network,
    [{ protocol: 'tcp', from: RELAY_PORT, source: { group: tasks }, says: 'Sources from the doors' }],
    own,
  )
  const machines = closedGroup(
    name,
    network,
    [{ protocol: 'tcp', from: RELAY_PORT, source: { group: door }, says: 'Sources through the balancer' }],
    own,
  )
  const capacity = mediaFleet(
    plan,
    { name, network, cluster, group: machines, min, max: plan.sizing.encoderMachinesMax },
    own,
  )
  const { balancer, target, listener } = relayDoor(name, network, door, own)
  const task = mediaTask(
    plan,
    {
      name,
      region,
      row,
      images,
      role: undefined,
      environment: { RELAY_PORT: String(RELAY_PORT), LIVE_HOST: '0.0.0.0', LOG_LEVEL: 'info' },
      on: 'machine',
      ports: [{ port: RELAY_PORT, protocol: 'tcp' }],
      stopS: STOP_S,
    },
    own,
  )
  const service = new aws.ecs.Service(
    name,
    {
      region,
      cluster: cluster.arn,
      taskDefinition: task.arn,
      desiredCount: min,
      capacityProviderStrategies: [{ capacityProvider: capacity.name, weight: 1 }],
      placementConstraints: [{ type: 'distinctInstance' }],
      loadBalancers: [{ targetGroupArn: target.arn, containerName: row.name, containerPort: RELAY_PORT }],
      deploymentCircuitBreaker: { enable: true, rollback: true },
      enableEcsManagedTags: true,
      propagateTags: 'SERVICE',
    },
    { ...own, dependsOn: listener, ignoreChanges: ['desiredCount'] },
  )
  scale(plan, options, service, own)
  fullAlarm(options, service, own)
  return { host: balancer.dnsName, capacity }
}

function relayDoor(
  name: string,
  { region, vpc, subnets }: MediaNetwork,
  door: aws.ec2.SecurityGroup,
  own: pulumi.CustomResourceOptions,
) {
  const balancer = new aws.lb.LoadBalancer(
    name,
    {
      region,
      loadBalancerType: 'network',
      internal: true,
      securityGroups: [door.id],
      subnets: subnets.map(({ id }) => id),
      enableCrossZoneLoadBalancing: true,
    },
    own,
  )
  const target = new aws.lb.TargetGroup(
    name,
    {
      region,
      vpcId: vpc.id,
      protocol: 'TCP',
      port: RELAY_PORT,
      targetType: 'instance',
      deregistrationDelay: LEAVE_S,
      healthCheck: { protocol: 'TCP', interval: CHECK_S, healthyThreshold: CHECKS, unhealthyThreshold: CHECKS },
    },
    own,
  )
  const listener = new aws.lb.Listener(
    name,
    {
      region,
      loadBalancerArn: balancer.arn,
      port: RELAY_PORT,
      protocol: 'TCP',
      defaultActions: [{ type: 'forward', targetGroupArn: target.arn }],
    },
    own,
  )
  return { balancer, target, listener }
}

function scale(
  plan: Plan,
  { network: { region }, cluster, row }: EncodersOptions,
  service: aws.ecs.Service,
  own: pulumi.CustomResourceOptions,
): void {
  const name = `encoders-${region}`
  const scaled = new aws.appautoscaling.Target(
    name,
    {
      region,
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: serviceId(cluster, service),
      minCapacity: row.instances[plan.config.tier].min,
      maxCapacity: plan.sizing.encoderMachinesMax,
    },
    own,
  )
  new aws.appautoscaling.Policy(
    name,
    {
      region,
      policyType: 'TargetTrackingScaling',
      serviceNamespace: scaled.serviceNamespace,
      scalableDimension: scaled.scalableDimension,
      resourceId: scaled.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        targetValue: CPU_PERCENT,
        scaleOutCooldown: OUT_S,
        scaleInCooldown: IN_S,
      },
    },
    own,
  )
}

function fullAlarm(
  { network: { region }, cluster, alerting }: EncodersOptions,
  service: aws.ecs.Service,
  own: pulumi.CustomResourceOptions,
): void {
  awsAlarm(
    `encoders-full-${region}`,
    region,
    {
      namespace: 'AWS/ECS',
      metric: 'CPUUtilization',
      dimensions: { ClusterName: cluster.name, ServiceName: service.name },
      statistic: 'Average',
      above: FULL_PERCENT,
      runbook: 'encoders-full',
      says: `Encoders in ${region} have no CPU left; new streams start with fewer renditions.`,
    },
    alerting,
    own,
  )
}

/** How Application Auto Scaling names an ECS service. */
export function serviceId(cluster: aws.ecs.Cluster, service: aws.ecs.Service): pulumi.Output<string> {
  return cluster.name.apply(name => service.name.apply(each => `service/${name}/${each}`))
}
