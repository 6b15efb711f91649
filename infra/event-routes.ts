import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { awsEvent } from '#shared/domain/aws-event.ts'
import { PLANE_SOURCE } from '#shared/domain/provider-event.ts'
import type { Alerting } from './alerting.ts'
import { awsAlarm } from './aws-alarm.ts'
import { policyDocument } from './aws-policy.ts'

/** How long and how often EventBridge tries a target before the event is set aside: a day. */
const TRIES = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 }
/** What people and encoders put into a bucket; the plane's own segments are told by the plane. */
const TOLD_PREFIXES = ['ivs/', 'uploads/'] as const

type Pattern = { source: string[]; 'detail-type'?: string[]; detail?: Record<string, unknown> }

/** What a rule of one region catches, by the rule's name: every source of `aws-event.ts`, and our own plane's. */
function patterns(buckets: pulumi.Output<string>[]): Record<string, pulumi.Input<Pattern>> {
  const told = awsEvent.options.map(({ shape }) => ({
    source: shape.source.value,
    says: shape['detail-type'].value,
  }))
  const bySource = Map.groupBy(told, ({ source }) => source)
  const rules: Record<string, pulumi.Input<Pattern>> = { plane: { source: [PLANE_SOURCE] } }
  for (const [source, rows] of bySource) {
    const pattern: Pattern = { source: [source], 'detail-type': rows.map(({ says }) => says) }
    rules[source.replace('aws.', '')] =
      source === 'aws.s3'
        ? {
            ...pattern,
            detail: { bucket: { name: buckets }, object: { key: TOLD_PREFIXES.map(prefix => ({ prefix })) } },
          }
        : pattern
  }
  return rules
}

/** Where the rules of a region lead. */
type Routes = {
  region: string
  /** Names of the buckets whose new objects are told. */
  buckets: pulumi.Output<string>[]
  target: pulumi.Output<string>
  /** Taken on by EventBridge where the target is a bus. */
  role?: aws.iam.Role
  /** Waits for what no target took. */
  undelivered: aws.sqs.Queue
  alerting: Alerting
}

/** The rules that catch a region's events and lead them to one target; each retries for a day and sets aside the rest. */
export function eventRoutes(routes: Routes, own: pulumi.CustomResourceOptions): aws.cloudwatch.EventRule[] {
  const { region, target, role, undelivered, alerting } = routes
  return Object.entries(patterns(routes.buckets)).map(([what, pattern]) => {
    const name = `${what}-${region}`
    const rule = new aws.cloudwatch.EventRule(name, { region, eventPattern: pulumi.jsonStringify(pattern) }, own)
    new aws.cloudwatch.EventTarget(
      name,
      {
        region,
        rule: rule.name,
        arn: target,
        ...(role === undefined ? {} : { roleArn: role.arn }),
        retryPolicy: TRIES,
        deadLetterConfig: { arn: undelivered.arn },
      },
      own,
    )
    awsAlarm(
      `${name}-failing`,
      region,
      {
        namespace: 'AWS/Events',
        metric: 'FailedInvocations',
        dimensions: { RuleName: rule.name },
        statistic: 'Sum',
        above: 0,
        runbook: 'hand-off-dead',
        says: `EventBridge cannot deliver what ${name} catches.`,
      },
      alerting,
      own,
    )
    return rule
  })
}

/** Lets these rules, and nobody else, put messages into a queue. */
export function letRulesSend(
  name: string,
  region: string,
  queue: aws.sqs.Queue,
  rules: readonly aws.cloudwatch.EventRule[],
  own: pulumi.CustomResourceOptions,
): void {
  new aws.sqs.QueuePolicy(
    name,
    {
      region,
      queueUrl: queue.url,
      policy: policyDocument([
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queue.arn,
          Condition: { ArnEquals: { 'aws:SourceArn': rules.map(({ arn }) => arn) } },
        },
      ]),
    },
    own,
  )
}
