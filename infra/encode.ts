import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { SERVICES, type ServiceRow } from '#shared/domain/service-catalogue.ts'
import { grant } from './aws-policy.ts'
import { Component, type Plan } from './component.ts'
import type { EncodeQueues } from './encode-queues.ts'
import { scaleByDepth } from './encode-scaling.ts'
import type { Identity } from './identity.ts'
import { mediaFleet } from './media-fleet.ts'
import type { MediaImages } from './media-images.ts'
import { closedGroup, mediaNetwork } from './media-network.ts'
import { mediaTask } from './media-task.ts'
import { namesOf } from './names.ts'

/** Less than the two minutes of a Spot notice: a job is handed back at its last checkpoint within it, in s. */
const STOP_S = 110

type Others = { identity: Identity; images: MediaImages; queues: EncodeQueues }

/** VOD and render workers on Spot machines: none while there is nothing to do, and never a credential of the database. */
export class Encode extends Component {
  readonly #plan: Plan

  constructor(plan: Plan, { identity, images, queues }: Others) {
    super('Encode', 'encode', plan)
    this.#plan = plan
    const region = plan.config.aws.home
    const row = workerRow()
    const network = mediaNetwork(plan, 'workers', region, this.own)
    const cluster = new aws.ecs.Cluster(`workers-${region}`, { region }, this.own)
    const group = closedGroup(`workers-${region}`, network, [], this.own)
    const { min, max } = row.instances[plan.config.tier]
    const capacity = mediaFleet(plan, { name: `workers-${region}`, network, cluster, group, min, max }, this.own)
    const providers = new aws.ecs.ClusterCapacityProviders(
      `workers-${region}`,
      { region, clusterName: cluster.name, capacityProviders: [capacity.name] },
      this.own,
    )
    this.#letWorkersListen(identity, queues)
    const task = mediaTask(
      plan,
      {
        name: `worker-${region}`,
        region,
        row,
        images,
        role: identity.workerRole,
        environment: this.#environment(identity, queues),
        on: 'machine',
        ports: [],
        stopS: STOP_S,
      },
      this.own,
    )
    const service = new aws.ecs.Service(
      `worker-${region}`,
      {
        region,
        cluster: cluster.arn,
        taskDefinition: task.arn,
        desiredCount: min,
        capacityProviderStrategies: [{ capacityProvider: capacity.name, weight: 1 }],
        placementConstraints: [{ type: 'distinctInstance' }],
        deploymentCircuitBreaker: { enable: true, rollback: true },
        deploymentMinimumHealthyPercent: 0,
        enableEcsManagedTags: true,
        propagateTags: 'SERVICE',
      },
      { ...this.own, dependsOn: providers, ignoreChanges: ['desiredCount'] },
    )
    scaleByDepth(region, { cluster, service, queues: Object.values(queues.queues), min, max }, this.own)
    this.registerOutputs({})
  }

  /** Wake-ups are all a worker takes from AWS; objects come to it by signed address, with each job. */
  #letWorkersListen(identity: Identity, { queues }: EncodeQueues): void {
    grant(
      'worker',
      identity.workerRole,
      [
        {
          Effect: 'Allow',
          Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
          Resource: Object.values(queues).map(({ queue }) => queue.arn),
        },
      ],
      this.own,
    )
  }

  #environment(identity: Identity, { queues }: EncodeQueues): Record<string, pulumi.Input<string>> {
    const { config } = this.#plan
    return {
      PUBLIC_URL: `https://${namesOf(this.#plan).app}`,
      AWS_REGION: config.aws.home,
      WAKE_QUEUES: wakeQueues(queues),
      WORKER_ACCOUNT: identity.account('worker').email,
      WORKLOAD_IDENTITY_AUDIENCE: pulumi.interpolate`//iam.googleapis.com/${identity.provider.name}`,
      LOG_LEVEL: 'info',
    }
  }
}

/** Addresses of the workers' queues by their name in the topology, as JSON; whoever wakes or is woken is told them. */
export function wakeQueues(queues: EncodeQueues['queues']): pulumi.Output<string> {
  return pulumi.jsonStringify(Object.fromEntries(Object.entries(queues).map(([name, { queue }]) => [name, queue.url])))
}

function workerRow(): ServiceRow {
  const row = SERVICES.find(({ kind }) => kind === 'worker')
  if (row === undefined) throw new Error('The catalogue has no worker.')
  return row
}
