import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { ServiceRow } from '#shared/domain/service-catalogue.ts'
import { grant, serviceRole } from './aws-policy.ts'
import type { Plan } from './component.ts'
import type { MediaImages } from './media-images.ts'

/** What a container is told, by variable. */
export type TaskEnvironment = Readonly<Record<string, pulumi.Input<string>>>

type TaskOptions = {
  name: string
  region: string
  row: ServiceRow
  images: MediaImages
  /** What the container may do in AWS; none for what parses hostile media. */
  role: aws.iam.Role | undefined
  environment: TaskEnvironment
  /** `fargate` has no machine of ours; `machine` shares its machine's network. */
  on: 'fargate' | 'machine'
  /** Ports the container listens on. */
  ports: readonly { port: number; protocol: 'tcp' | 'udp' }[]
  /** From being asked to end to being killed, in s. */
  stopS: number
}

/** Fargate's sizes for up to 4 CPUs are whole GiB, at least 2 a CPU. */
const FARGATE_STEP_MIB = 1_024
const CPU_UNITS = 1_024
const FILES_MAX = 65_536

/** A container of the catalogue as ECS runs it: its image by digest, a read-only root, its log kept for a bounded time. */
export function mediaTask(plan: Plan, options: TaskOptions, own: pulumi.CustomResourceOptions): aws.ecs.TaskDefinition {
  const { name, region, row, images, role, on } = options
  const logs = new aws.cloudwatch.LogGroup(name, { region, retentionInDays: plan.sizing.logDays }, own)
  const starts = startRole(plan, options, logs, own)
  const memory = Math.max(
    2 * row.cpu * FARGATE_STEP_MIB,
    Math.ceil(row.memoryMiB / FARGATE_STEP_MIB) * FARGATE_STEP_MIB,
  )
  const size =
    on === 'fargate'
      ? {
          cpu: String(row.cpu * CPU_UNITS),
          memory: String(memory),
          requiresCompatibilities: ['FARGATE'],
          networkMode: 'awsvpc',
        }
      : { requiresCompatibilities: ['EC2'], networkMode: 'bridge' }
  return new aws.ecs.TaskDefinition(
    name,
    {
      region,
      family: `${plan.config.stack}-${name}`,
      ...size,
      executionRoleArn: starts.arn,
      ...(role === undefined ? {} : { taskRoleArn: role.arn }),
      volumes: [{ name: 'scratch' }],
      containerDefinitions: pulumi.jsonStringify([
        { ...container(options), image: images.image(region), logConfiguration: logsTo(logs, options) },
      ]),
    },
    own,
  )
}

function logsTo(logs: aws.cloudwatch.LogGroup, { region, row }: TaskOptions) {
  return {
    logDriver: 'awslogs',
    options: { 'awslogs-group': logs.name, 'awslogs-region': region, 'awslogs-stream-prefix': row.name },
  }
}

function container({ row, environment, on, ports, stopS }: TaskOptions) {
  const machine = { memoryReservation: row.memoryMiB, linuxParameters: { initProcessEnabled: true } }
  return {
    name: row.name,
    command: [row.entry],
    essential: true,
    readonlyRootFilesystem: true,
    mountPoints: [{ sourceVolume: 'scratch', containerPath: '/tmp', readOnly: false }],
    stopTimeout: stopS,
    ulimits: [{ name: 'nofile', softLimit: FILES_MAX, hardLimit: FILES_MAX }],
    portMappings: ports.map(({ port, protocol }) => ({ containerPort: port, hostPort: port, protocol })),
    environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    ...(on === 'machine' ? machine : {}),
  }
}

/** The role ECS itself takes on to start a task: fetch this image, write this log. */
function startRole(
  plan: Plan,
  { name, region, images }: TaskOptions,
  logs: aws.cloudwatch.LogGroup,
  own: pulumi.CustomResourceOptions,
): aws.iam.Role {
  const role = serviceRole(`${name}-starts`, 'ecs-tasks.amazonaws.com', plan.config.aws.accountId, own)
  grant(
    `${name}-starts`,
    role,
    [
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Resource: images.repository(region).arn,
      },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: pulumi.interpolate`${logs.arn}:*`,
      },
    ],
    own,
  )
  return role
}
