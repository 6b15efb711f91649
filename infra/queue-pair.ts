import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Alerting } from './alerting.ts'
import { awsAlarm } from './aws-alarm.ts'

/** A queue, and where what it could not deliver waits for a person. */
export type QueuePair = { queue: aws.sqs.Queue; dead: aws.sqs.Queue }

const DAY_S = 86_400
/** The longest SQS keeps a message, in s. */
const RETENTION_S = 14 * DAY_S

/** A queue with its dead letters, encrypted, kept 14 days, with an alarm on the first dead letter. */
export function queuePair(
  name: string,
  options: { region: string; visibilityS: number; receives: number; runbook: string; alerting: Alerting },
  own: pulumi.CustomResourceOptions,
): QueuePair {
  const { region } = options
  const dead = new aws.sqs.Queue(
    `${name}-dead`,
    { region, messageRetentionSeconds: RETENTION_S, sqsManagedSseEnabled: true },
    own,
  )
  const queue = new aws.sqs.Queue(
    name,
    {
      region,
      messageRetentionSeconds: RETENTION_S,
      visibilityTimeoutSeconds: options.visibilityS,
      receiveWaitTimeSeconds: 20,
      sqsManagedSseEnabled: true,
      redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: options.receives }),
    },
    own,
  )
  new aws.sqs.RedriveAllowPolicy(
    `${name}-dead`,
    {
      region,
      queueUrl: dead.url,
      redriveAllowPolicy: pulumi.jsonStringify({ redrivePermission: 'byQueue', sourceQueueArns: [queue.arn] }),
    },
    own,
  )
  deadLetterAlarm(`${name}-dead`, { ...options, dead }, own)
  return { queue, dead }
}

/** Rings as soon as one message lies in a dead-letter queue. */
export function deadLetterAlarm(
  name: string,
  options: { region: string; dead: aws.sqs.Queue; runbook: string; alerting: Alerting },
  own: pulumi.CustomResourceOptions,
): void {
  awsAlarm(
    name,
    options.region,
    {
      namespace: 'AWS/SQS',
      metric: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: options.dead.name },
      statistic: 'Maximum',
      above: 0,
      periods: 1,
      runbook: options.runbook,
      says: `Dead letters in ${name}.`,
    },
    options.alerting,
    own,
  )
}
