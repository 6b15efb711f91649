import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { grant, serviceRole } from './aws-policy.ts'
import type { Plan } from './component.ts'
import { machineStart } from './media-machine.ts'
import type { MediaNetwork } from './media-network.ts'

/** The image Amazon keeps up to date for ECS, by the name it publishes it under; resolved when a machine starts. */
const MACHINE_IMAGE = 'resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id'
const DISK_GIB = 60
/** Machines are kept just as many as tasks need, in percent of what they could hold. */
const TARGET_CAPACITY = 100
/** A machine counts as started after this, in s. */
const WARMUP_S = 90

export type FleetOptions = {
  name: string
  network: MediaNetwork
  cluster: { name: pulumi.Output<string>; arn: pulumi.Output<string> }
  group: aws.ec2.SecurityGroup
  min: number
  max: number
}

/**
 * Spot machines for one cluster: of several types at the price-and-capacity optimum, replaced before Spot takes them
 * back, drained before they go. Gives the capacity provider to run services on.
 */
export function mediaFleet(
  plan: Plan,
  options: FleetOptions,
  own: pulumi.CustomResourceOptions,
): aws.ecs.CapacityProvider {
  const { name, network, min, max } = options
  const { region } = network
  const template = launchTemplate(plan, options, own)
  const group = new aws.autoscaling.Group(
    name,
    {
      region,
      minSize: min,
      maxSize: max,
      vpcZoneIdentifiers: network.subnets.map(({ id }) => id),
      capacityRebalance: true,
      protectFromScaleIn: true,
      // Protection is ECS's means of draining first; it must not keep a stack from being taken down.
      forceDelete: true,
      healthCheckType: 'EC2',
      defaultInstanceWarmup: WARMUP_S,
      mixedInstancesPolicy: {
        instancesDistribution: {
          onDemandBaseCapacity: 0,
          onDemandPercentageAboveBaseCapacity: 0,
          spotAllocationStrategy: 'price-capacity-optimized',
        },
        launchTemplate: {
          launchTemplateSpecification: {
            launchTemplateId: template.id,
            version: template.latestVersion.apply(version => String(version)),
          },
          overrides: plan.sizing.encoderInstances.map(instanceType => ({ instanceType })),
        },
      },
      tags: [
        { key: 'AmazonECSManaged', value: 'true', propagateAtLaunch: true },
        { key: 'Name', value: name, propagateAtLaunch: true },
      ],
    },
    { ...own, ignoreChanges: ['desiredCapacity'] },
  )
  return new aws.ecs.CapacityProvider(
    name,
    {
      region,
      autoScalingGroupProvider: {
        autoScalingGroupArn: group.arn,
        managedDraining: 'ENABLED',
        managedTerminationProtection: 'ENABLED',
        managedScaling: { status: 'ENABLED', targetCapacity: TARGET_CAPACITY, instanceWarmupPeriod: WARMUP_S },
      },
    },
    own,
  )
}

function launchTemplate(
  plan: Plan,
  { name, network, cluster, group }: FleetOptions,
  own: pulumi.CustomResourceOptions,
): aws.ec2.LaunchTemplate {
  const { region } = network
  const profile = new aws.iam.InstanceProfile(name, { role: machineRole(plan, name, cluster, own).name }, own)
  return new aws.ec2.LaunchTemplate(
    name,
    {
      region,
      imageId: MACHINE_IMAGE,
      instanceType: plan.sizing.encoderInstances[0] ?? '',
      updateDefaultVersion: true,
      iamInstanceProfile: { arn: profile.arn },
      userData: cluster.name.apply(machineStart),
      // One hop: a container that is not on its machine's own network cannot reach the machine's credentials.
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
      networkInterfaces: [
        { associatePublicIpAddress: 'true', deleteOnTermination: 'true', securityGroups: [group.id] },
      ],
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeSize: DISK_GIB, volumeType: 'gp3', encrypted: 'true', deleteOnTermination: 'true' },
        },
      ],
      tagSpecifications: [{ resourceType: 'volume', tags: { Name: name } }],
    },
    own,
  )
}

/** What a machine's ECS agent does: join this one cluster and tell how its tasks are. */
function machineRole(
  plan: Plan,
  name: string,
  cluster: FleetOptions['cluster'],
  own: pulumi.CustomResourceOptions,
): aws.iam.Role {
  const { accountId } = plan.config.aws
  const role = serviceRole(`${name}-machine`, 'ec2.amazonaws.com', undefined, own)
  grant(
    `${name}-machine`,
    role,
    [
      { Effect: 'Allow', Action: 'ecs:DiscoverPollEndpoint', Resource: '*' },
      {
        Effect: 'Allow',
        Action: [
          'ecs:RegisterContainerInstance',
          'ecs:DeregisterContainerInstance',
          'ecs:SubmitAttachmentStateChanges',
          'ecs:SubmitContainerStateChange',
          'ecs:SubmitTaskStateChange',
        ],
        Resource: cluster.arn,
      },
      {
        Effect: 'Allow',
        Action: [
          'ecs:Poll',
          'ecs:StartTelemetrySession',
          'ecs:PutSystemLogEvents',
          'ecs:UpdateContainerInstancesState',
        ],
        Resource: cluster.name.apply(each => `arn:aws:ecs:*:${accountId}:container-instance/${each}/*`),
        Condition: { ArnEquals: { 'ecs:cluster': cluster.arn } },
      },
    ],
    own,
  )
  return role
}
