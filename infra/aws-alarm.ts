import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { Alerting } from './alerting.ts'

/** When an alarm rings: the metric, how it is folded over a period, and the bound. */
export type AlarmWhen = {
  namespace: string
  metric: string
  dimensions: Record<string, pulumi.Input<string>>
  statistic: 'Maximum' | 'Sum' | 'Average'
  /** Rings above this. */
  above: number
  periodS?: number
  periods?: number
  /** One page of docs/runbooks/, without its suffix. */
  runbook: string
  says: string
}

const PERIOD_S = 60
const PERIODS = 5

/** An alarm that tells on-call, names its runbook, and says when it is over; silence of the metric is good news. */
export function awsAlarm(
  name: string,
  region: string,
  when: AlarmWhen,
  alerting: Alerting,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const topic = alerting.topic(region).arn
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      region,
      namespace: when.namespace,
      metricName: when.metric,
      dimensions: when.dimensions,
      statistic: when.statistic,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: when.above,
      period: when.periodS ?? PERIOD_S,
      evaluationPeriods: when.periods ?? PERIODS,
      treatMissingData: 'notBreaching',
      alarmDescription: `${when.says} Runbook: docs/runbooks/${when.runbook}.md`,
      alarmActions: [topic],
      okActions: [topic],
    },
    options,
  )
}
