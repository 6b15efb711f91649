import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { SERVICES, type ServiceRow } from '#shared/domain/service-catalogue.ts'
import type { Alerting } from './alerting.ts'
import { awsAlarm } from './aws-alarm.ts'
import { Component, physicalName, type Plan } from './component.ts'
import type { Identity } from './identity.ts'
import { type IngestDoors, ingestDoors, LIVE_PORTS, servicesOf, SRT_FIRST, type TargetName } from './ingest-doors.ts'
import { letPlaneWork } from './ingest-grants.ts'
import { ingestEncoders, RELAY_PORT, serviceId } from './ingest-encoders.ts'
import type { MediaBucket } from './media-bucket.ts'
import type { MediaImages } from './media-images.ts'
import { mediaNetwork } from './media-network.ts'
import { mediaTask } from './media-task.ts'
import type { Names } from './names.ts'
import type { ServicesSecrets } from './services-secrets.ts'

const STOP_S = 120
const CPU_PERCENT = 60
/** Length of a part in the clouds, in ms: a viewer far away keeps up, and the edge's request bill stays bounded. */
const PART_MS = 500

type Others = {
  alerting: Alerting
  identity: Identity
  images: MediaImages
  names: Names
  secrets: ServicesSecrets
  bucket: MediaBucket
}

/** The self-hosted media plane of one region: doors and packagers on demand, encoders on Spot. */
export class Ingest extends Component {
  readonly region: string
  /** Where publishers go. */
  readonly endpoints: readonly string[]
  readonly #plan: Plan
  readonly #others: Others

  constructor(region: string, plan: Plan, others: Others) {
    super('Ingest', `ingest-${region}`, plan)
    this.region = region
    this.#plan = plan
    this.#others = others
    const { names, alerting, images } = others
    const certificate = names.doorCertificates[region]
    if (certificate === undefined) throw new Error(`There is no certificate for the doors in ${region}.`)
    const network = mediaNetwork(plan, 'plane', region, this.own)
    const cluster = new aws.ecs.Cluster(`plane-${region}`, { region }, this.own)
    const srtPorts = Array.from({ length: plan.config.srtPorts }, (_, index) => SRT_FIRST + index)
    const proven = names.proven(certificate, `doors-${region}`, region)
    const doors = ingestDoors(plan, { network, certificate: proven, srtPorts }, this.own)
    const row = rowOf('encoder')
    const encoders = ingestEncoders(plan, { network, cluster, row, images, tasks: doors.tasks, alerting }, this.own)
    const providers = new aws.ecs.ClusterCapacityProviders(
      `plane-${region}`,
      { region, clusterName: cluster.name, capacityProviders: ['FARGATE', encoders.capacity.name] },
      this.own,
    )
    this.#live(cluster, doors, encoders.host, network.subnets, providers)
    this.#reachable(doors)
    const host = names.hosts.ingest(region)
    this.endpoints = [
      `rtmp://${host}:1935/live`,
      `rtmps://${host}:443/live`,
      ...srtPorts.map(port => `srt://${host}:${port}`),
    ]
    this.registerOutputs({})
  }

  /** Doors, packagers and origins: as many services as the SRT ports need, since each may have five target groups. */
  #live(
    cluster: aws.ecs.Cluster,
    doors: IngestDoors,
    encodersHost: pulumi.Output<string>,
    subnets: readonly aws.ec2.Subnet[],
    providers: pulumi.Resource,
  ): void {
    const row = rowOf('live')
    const { identity, bucket, secrets } = this.#others
    const role = identity.planeRole(this.region)
    letPlaneWork(this.#plan, row, { identity, bucket, secrets, role }, this.own)
    for (const [index, targets] of servicesOf([...doors.targets.keys()]).entries()) {
      const name = index === 0 ? `live-${this.region}` : `live-srt-${index}-${this.region}`
      const ports = [
        ...new Set([...Object.values(LIVE_PORTS), ...targets.map(each => doors.targets.get(each)?.port ?? 0)]),
      ]
      const task = mediaTask(
        this.#plan,
        {
          name,
          region: this.region,
          row,
          images: this.#others.images,
          role,
          environment: this.#environment(encodersHost, targets),
          on: 'fargate',
          ports: ports.map(port => ({ port, protocol: port >= SRT_FIRST ? 'udp' : 'tcp' })),
          stopS: STOP_S,
        },
        this.own,
      )
      const service = new aws.ecs.Service(
        name,
        {
          region: this.region,
          cluster: cluster.arn,
          taskDefinition: task.arn,
          desiredCount: index === 0 ? row.instances[this.#plan.config.tier].min : 1,
          capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
          networkConfiguration: {
            subnets: subnets.map(({ id }) => id),
            securityGroups: [doors.tasks.id],
            assignPublicIp: true,
          },
          loadBalancers: targets.map(target => ({
            targetGroupArn: doors.targets.get(target)?.group.arn ?? '',
            containerName: row.name,
            containerPort: doors.targets.get(target)?.port ?? 0,
          })),
          healthCheckGracePeriodSeconds: 60,
          deploymentCircuitBreaker: { enable: true, rollback: true },
          enableEcsManagedTags: true,
          propagateTags: 'SERVICE',
        },
        { ...this.own, dependsOn: [...doors.listeners, providers], ignoreChanges: ['desiredCount'] },
      )
      if (index === 0) this.#scale(cluster, service, row)
      this.#healthAlarm(name, targets[0] ?? 'rtmp', doors)
    }
  }

  /** The settings of `run-services/live/settings.ts`. */
  #environment(
    encodersHost: pulumi.Output<string>,
    targets: readonly TargetName[],
  ): Record<string, pulumi.Input<string>> {
    const { config, sizing } = this.#plan
    const { names, bucket, identity } = this.#others
    const ingest = names.hosts.ingest(this.region)
    const srt = targets.flatMap(target => /^srt-(\d+)$/u.exec(target)?.[1] ?? [])
    return {
      LIVE_HOST: '0.0.0.0',
      PLANE_HOST: '0.0.0.0',
      PLANE_PORT: String(LIVE_PORTS.plane),
      MEDIA_PORT: String(LIVE_PORTS.media),
      RTMP_PORT: String(LIVE_PORTS.rtmp),
      RTMP_URL: `rtmps://${ingest}:443/live`,
      SRT_HOST: ingest,
      SRT_PORTS: srt.join(','),
      ENCODERS_HOST: encodersHost,
      RELAY_PORT: String(RELAY_PORT),
      LIVE_CORES: String(sizing.encoderCores * sizing.encoderMachinesMax),
      PART_MS: String(PART_MS),
      PLANE_ACCOUNT: config.aws.accountId,
      STACK: config.stack,
      AWS_REGION: this.region,
      MEDIA_BUCKET: bucket.bucket.bucket,
      GOOGLE_CLOUD_PROJECT: config.gcp.project,
      REGION: config.gcp.home,
      SECRETS_PREFIX: physicalName(this.#plan, ''),
      WORKLOAD_IDENTITY_AUDIENCE: pulumi.interpolate`//iam.googleapis.com/${identity.provider.name}`,
      LOG_LEVEL: 'info',
    }
  }

  #scale(cluster: aws.ecs.Cluster, service: aws.ecs.Service, row: ServiceRow): void {
    const { min, max } = row.instances[this.#plan.config.tier]
    const name = `live-${this.region}`
    const scaled = new aws.appautoscaling.Target(
      name,
      {
        region: this.region,
        serviceNamespace: 'ecs',
        scalableDimension: 'ecs:service:DesiredCount',
        resourceId: serviceId(cluster, service),
        minCapacity: min,
        maxCapacity: max,
      },
      this.own,
    )
    new aws.appautoscaling.Policy(
      name,
      {
        region: this.region,
        policyType: 'TargetTrackingScaling',
        serviceNamespace: scaled.serviceNamespace,
        scalableDimension: scaled.scalableDimension,
        resourceId: scaled.resourceId,
        targetTrackingScalingPolicyConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
          targetValue: CPU_PERCENT,
        },
      },
      this.own,
    )
  }

  #healthAlarm(name: string, target: TargetName, doors: IngestDoors): void {
    const group = doors.targets.get(target)?.group
    if (group === undefined) return
    awsAlarm(
      `${name}-unhealthy`,
      this.region,
      {
        namespace: 'AWS/NetworkELB',
        metric: 'UnHealthyHostCount',
        dimensions: { TargetGroup: group.arnSuffix, LoadBalancer: doors.publishers.arnSuffix },
        statistic: 'Maximum',
        above: 0,
        runbook: 'plane-doors',
        says: `A door of the media plane in ${this.region} does not answer.`,
      },
      this.#others.alerting,
      this.own,
    )
  }

  #reachable(doors: IngestDoors): void {
    const { names } = this.#others
    const alias = ({ dnsName, zoneId }: aws.lb.LoadBalancer) => ({ dnsName, zoneId })
    names.alias(`ingest-${this.region}`, names.hosts.ingest(this.region), alias(doors.publishers))
    names.alias(`origin-${this.region}`, names.hosts.origin(this.region), alias(doors.viewers))
  }
}

function rowOf(name: string): ServiceRow {
  const row = SERVICES.find(each => each.name === name)
  if (row === undefined) throw new Error(`The catalogue has no ${name}.`)
  return row
}
