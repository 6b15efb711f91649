import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { serviceId } from './ingest-encoders.ts'
import type { QueuePair } from './queue-pair.ts'

/** Jobs one worker is expected to take before another is worth its start. */
const JOBS_PER_WORKER = 2
const PERIOD_S = 60
/** Nothing to do for this many minutes ends the last worker. */
const IDLE_PERIODS = 10
/** An alarm counts at most ten metrics, its sum included; each queue is two. */
const QUEUES_MAX = 4

type Scaled = {
  cluster: aws.ecs.Cluster
  service: aws.ecs.Service
  queues: readonly QueuePair[]
  min: number
  max: number
}

/** As many workers as the queues' depth asks for: one per few jobs, doubling; none when nothing waits or runs. */
export function scaleByDepth(region: string, scaled: Scaled, own: pulumi.CustomResourceOptions): void {
  const { queues, min, max } = scaled
  if (queues.length > QUEUES_MAX) throw new Error(`One alarm cannot count ${queues.length} queues.`)
  const name = `worker-${region}`
  const target = new aws.appautoscaling.Target(
    name,
    {
      region,
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: serviceId(scaled.cluster, scaled.service),
      minCapacity: min,
      maxCapacity: max,
    },
    own,
  )
  const policy = (way: 'out' | 'in', steps: Step[]) =>
    new aws.appautoscaling.Policy(
      `${name}-${way}`,
      {
        region,
        policyType: 'StepScaling',
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        stepScalingPolicyConfiguration: {
          adjustmentType: 'ExactCapacity',
          metricAggregationType: 'Maximum',
          cooldown: PERIOD_S,
          stepAdjustments: steps,
        },
      },
      own,
    )
  depthAlarm(`${name}-out`, region, queues, { above: true, periods: 1, policy: policy('out', workersFor(max)) }, own)
  const end: Step[] = [{ scalingAdjustment: min, metricIntervalUpperBound: '0' }]
  depthAlarm(`${name}-in`, region, queues, { above: false, periods: IDLE_PERIODS, policy: policy('in', end) }, own)
}

type Step = { scalingAdjustment: number; metricIntervalLowerBound?: string; metricIntervalUpperBound?: string }

/** Steps from one worker to `max`, doubling; bounds count jobs above the alarm's threshold of none. */
export function workersFor(max: number): Step[] {
  const steps: Step[] = []
  for (let workers = 1, lower = 0; ; workers *= 2) {
    const count = Math.min(workers, max)
    const upper = count * JOBS_PER_WORKER
    const last = count === max
    steps.push({
      scalingAdjustment: count,
      metricIntervalLowerBound: String(lower),
      ...(last ? {} : { metricIntervalUpperBound: String(upper) }),
    })
    if (last) return steps
    lower = upper
  }
}

/** Watches what waits and what runs, in all queues together. */
function depthAlarm(
  name: string,
  region: string,
  queues: readonly QueuePair[],
  { above, periods, policy }: { above: boolean; periods: number; policy: aws.appautoscaling.Policy },
  own: pulumi.CustomResourceOptions,
): void {
  const METRICS = ['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible']
  const counted = queues.flatMap(({ queue }, index) =>
    METRICS.map((metricName, which) => ({
      id: `q${index}${which === 0 ? 'waits' : 'runs'}`,
      metric: {
        namespace: 'AWS/SQS',
        metricName,
        dimensions: { QueueName: queue.name },
        period: PERIOD_S,
        stat: 'Maximum',
      },
    })),
  )
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      region,
      comparisonOperator: above ? 'GreaterThanThreshold' : 'LessThanOrEqualToThreshold',
      threshold: 0,
      evaluationPeriods: periods,
      treatMissingData: 'notBreaching',
      metricQueries: [
        {
          id: 'depth',
          expression: `SUM([${counted.map(({ id }) => id).join(', ')}])`,
          label: 'Jobs',
          returnData: true,
        },
        ...counted,
      ],
      alarmDescription: `Scales workers ${above ? 'out' : 'in'}. Runbook: docs/runbooks/encode-backlog.md`,
      alarmActions: [policy.arn],
    },
    own,
  )
}
