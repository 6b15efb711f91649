import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { Plan } from './component.ts'
import { closedGroup, type MediaNetwork } from './media-network.ts'

const RTMP = 1_935
const TLS = 443
/** The first port SRT publishers may be told; the others follow. */
export const SRT_FIRST = 10_000
/** Ports of the container, as `run-services/live/settings.ts` names them. */
export const LIVE_PORTS = { rtmp: RTMP, media: 8_081, plane: 8_082 } as const
/** The most target groups ECS registers a service's tasks with. */
const GROUPS_MAX = 5
const EVERYWHERE = '0.0.0.0/0'
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06'
const CHECK_S = 10
const CHECKS = 2
/** How long a task that leaves may still answer what began, in s. */
const LEAVE_S = 60

export type TargetName = 'rtmp' | 'media' | 'plane' | `srt-${number}`

/** One region's public doors. */
export type IngestDoors = {
  publishers: aws.lb.LoadBalancer
  viewers: aws.lb.LoadBalancer
  /** Where tasks are registered, by door, and the port of the container behind it. */
  targets: ReadonlyMap<TargetName, { group: aws.lb.TargetGroup; port: number }>
  /** In front of the tasks. */
  tasks: aws.ec2.SecurityGroup
  /** A service may only start once something listens before it. */
  listeners: readonly pulumi.Resource[]
}

type DoorsOptions = {
  network: MediaNetwork
  /** Proven certificate of both names. */
  certificate: pulumi.Input<string>
  srtPorts: readonly number[]
}

/** Publishers come through a network load balancer (RTMP, RTMPS, SRT), viewers and services through one for HTTP. */
export function ingestDoors(plan: Plan, options: DoorsOptions, own: pulumi.CustomResourceOptions): IngestDoors {
  const { network, srtPorts } = options
  const { region } = network
  const groups = doorGroups(options, own)
  const balancer = (name: string, type: 'network' | 'application', group: aws.ec2.SecurityGroup) =>
    new aws.lb.LoadBalancer(
      `${name}-${region}`,
      {
        region,
        loadBalancerType: type,
        internal: false,
        securityGroups: [group.id],
        subnets: network.subnets.map(({ id }) => id),
        enableDeletionProtection: plan.sizing.protect,
        ...(type === 'application' ? { dropInvalidHeaderFields: true } : { enableCrossZoneLoadBalancing: true }),
      },
      own,
    )
  const publishers = balancer('doors', 'network', groups.publishers)
  const viewers = balancer('viewers', 'application', groups.viewers)
  const targets = new Map<TargetName, { group: aws.lb.TargetGroup; port: number }>()
  const add = (name: TargetName, protocol: 'TCP' | 'UDP' | 'HTTP', port: number) => {
    const group = targetGroup(`${name}-${region}`, protocol, port, network, own)
    targets.set(name, { group, port })
    return group
  }
  const rtmp = add('rtmp', 'TCP', LIVE_PORTS.rtmp)
  const listeners: pulumi.Resource[] = [
    forward(`rtmp-${region}`, region, publishers, { port: RTMP, protocol: 'TCP', to: rtmp }, own),
    forward(
      `rtmps-${region}`,
      region,
      publishers,
      { port: TLS, protocol: 'TLS', to: rtmp, certificate: options.certificate },
      own,
    ),
    ...srtPorts.map(port => {
      const to = add(`srt-${port}`, 'UDP', port)
      return forward(`srt-${port}-${region}`, region, publishers, { port, protocol: 'UDP', to }, own)
    }),
  ]
  const media = add('media', 'HTTP', LIVE_PORTS.media)
  const plane = add('plane', 'HTTP', LIVE_PORTS.plane)
  listeners.push(...httpDoor(region, viewers, { media, plane, certificate: options.certificate }, own))
  return { publishers, viewers, targets, tasks: groups.tasks, listeners }
}

/** Who may reach whom: everybody the doors, only the doors the tasks. */
function doorGroups({ network, srtPorts }: DoorsOptions, own: pulumi.CustomResourceOptions) {
  const { region } = network
  const open = (from: number, says: string) => ({ protocol: 'tcp' as const, from, source: { cidr: EVERYWHERE }, says })
  const srt = { from: srtPorts[0] ?? SRT_FIRST, to: srtPorts.at(-1) ?? SRT_FIRST }
  const publishers = closedGroup(
    `publishers-${region}`,
    network,
    [
      open(RTMP, 'RTMP publishers'),
      open(TLS, 'RTMPS publishers'),
      { protocol: 'udp', ...srt, source: { cidr: EVERYWHERE }, says: 'SRT publishers' },
    ],
    own,
  )
  const viewers = closedGroup(`viewers-${region}`, network, [open(TLS, 'The edge, and signed calls of services')], own)
  const from = (group: aws.ec2.SecurityGroup, port: number, says: string) => ({
    protocol: 'tcp' as const,
    from: port,
    source: { group },
    says,
  })
  const tasks = closedGroup(
    `live-${region}`,
    network,
    [
      from(publishers, LIVE_PORTS.rtmp, 'RTMP'),
      {
        protocol: 'udp',
        ...srt,
        source: { cidr: EVERYWHERE },
        says: 'SRT; its balancer keeps the publisher’s address',
      },
      {
        protocol: 'tcp',
        from: LIVE_PORTS.media,
        to: LIVE_PORTS.plane,
        source: { cidr: network.range },
        says: 'HTTP and checks',
      },
    ],
    own,
  )
  return { publishers, viewers, tasks }
}

/** Targets behind one port. UDP says nothing of health, so every group asks the task's own readiness over HTTP. */
function targetGroup(
  name: string,
  protocol: 'TCP' | 'UDP' | 'HTTP',
  port: number,
  { region, vpc }: MediaNetwork,
  own: pulumi.CustomResourceOptions,
): aws.lb.TargetGroup {
  return new aws.lb.TargetGroup(
    name,
    {
      region,
      vpcId: vpc.id,
      protocol,
      port,
      targetType: 'ip',
      deregistrationDelay: LEAVE_S,
      healthCheck: {
        protocol: 'HTTP',
        port: String(LIVE_PORTS.plane),
        path: '/readyz',
        matcher: '200',
        interval: CHECK_S,
        healthyThreshold: CHECKS,
        unhealthyThreshold: CHECKS,
      },
    },
    own,
  )
}

type Forward = {
  port: number
  protocol: 'TCP' | 'TLS' | 'UDP'
  to: aws.lb.TargetGroup
  certificate?: pulumi.Input<string>
}

function forward(
  name: string,
  region: string,
  balancer: aws.lb.LoadBalancer,
  { port, protocol, to, certificate }: Forward,
  own: pulumi.CustomResourceOptions,
): aws.lb.Listener {
  return new aws.lb.Listener(
    name,
    {
      region,
      loadBalancerArn: balancer.arn,
      port,
      protocol,
      defaultActions: [{ type: 'forward', targetGroupArn: to.arn }],
      ...(certificate === undefined ? {} : { certificateArn: certificate, sslPolicy: TLS_POLICY }),
    },
    own,
  )
}

/** What is asked over HTTP: live media by the edge, the control API by services; anything else is not there. */
function httpDoor(
  region: string,
  balancer: aws.lb.LoadBalancer,
  to: { media: aws.lb.TargetGroup; plane: aws.lb.TargetGroup; certificate: pulumi.Input<string> },
  own: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const listener = new aws.lb.Listener(
    `viewers-${region}`,
    {
      region,
      loadBalancerArn: balancer.arn,
      port: TLS,
      protocol: 'HTTPS',
      certificateArn: to.certificate,
      sslPolicy: TLS_POLICY,
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponse: { contentType: 'text/plain', statusCode: '404', messageBody: 'Not here.' },
        },
      ],
    },
    own,
  )
  const rule = (name: string, priority: number, paths: string[], group: aws.lb.TargetGroup) =>
    new aws.lb.ListenerRule(
      `${name}-${region}`,
      {
        region,
        listenerArn: listener.arn,
        priority,
        conditions: [{ pathPattern: { values: paths } }],
        actions: [{ type: 'forward', targetGroupArn: group.arn }],
      },
      own,
    )
  return [rule('live', 1, ['/live/*', '/t/*/live/*'], to.media), rule('plane', 2, ['/plane/*'], to.plane)]
}

/** Which doors each service opens: the common ones first, SRT ports filling the places that are left. */
export function servicesOf(targets: readonly TargetName[]): TargetName[][] {
  const common = targets.filter(target => !target.startsWith('srt-'))
  const srt = targets.filter(target => target.startsWith('srt-'))
  const services = [[...common, ...srt.splice(0, GROUPS_MAX - common.length)]]
  while (srt.length > 0) services.push(srt.splice(0, GROUPS_MAX))
  return services
}
