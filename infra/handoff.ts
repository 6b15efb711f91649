import * as aws from '@pulumi/aws'
import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import type { Alerting } from './alerting.ts'
import { artifactsBucket } from './artifacts-bucket.ts'
import { awsAlarm } from './aws-alarm.ts'
import { grant, serviceRole } from './aws-policy.ts'
import type { Bus } from './bus.ts'
import { Component, physicalName, type Plan } from './component.ts'
import { eventRoutes, letRulesSend } from './event-routes.ts'
import type { Identity } from './identity.ts'
import type { Media } from './media.ts'
import { deadLetterAlarm, type QueuePair, queuePair } from './queue-pair.ts'

const TOPIC = 'provider-events'
const DAY_S = 86_400
/** The longest SQS keeps a message, in s. */
const RETENTION_S = 14 * DAY_S
const FORWARDER_TIMEOUT_S = 30
/** Lambda asks for at least six times the function's own timeout, in s. */
const VISIBILITY_S = 6 * FORWARDER_TIMEOUT_S
/** With the visibility above, five hours without Pub/Sub lose no event's place in the queue. */
const RECEIVES = 100
const FORWARDER_MEMORY_MIB = 256
const BATCH = 10
/** Forwarders at work at once; bounds what reaches Pub/Sub after an outage. */
const FORWARDERS_MAX = 20
/** An event older than this in the queue rings, in s. */
const AGE_S = 120

type Others = { alerting: Alerting; identity: Identity; media: Media; bus: Bus }

/** AWS to Google: EventBridge rules of both regions, one queue, and the forwarder that hands its events to the bus. */
export class Handoff extends Component {
  readonly events: QueuePair
  readonly artifacts: aws.s3.Bucket
  readonly #plan: Plan
  readonly #others: Others

  constructor(plan: Plan, others: Others) {
    super('Handoff', 'handoff', plan)
    this.#plan = plan
    this.#others = others
    const { home } = plan.config.aws
    this.artifacts = artifactsBucket(plan, this.kept)
    this.events = queuePair(
      TOPIC,
      {
        region: home,
        visibilityS: VISIBILITY_S,
        receives: RECEIVES,
        runbook: 'hand-off-dead',
        alerting: others.alerting,
      },
      this.kept,
    )
    this.#homeRules()
    this.#pairRules()
    this.#letForwarderPublish()
    if (plan.config.stage === 'full') this.#forwarder()
    this.#ageAlarm()
    this.registerOutputs({})
  }

  #homeRules(): void {
    const { home: region } = this.#plan.config.aws
    const { alerting, media } = this.#others
    const { queue } = this.events
    const undelivered = this.#undelivered(region)
    const buckets = [media.home.bucket.bucket, media.pair.bucket.bucket]
    const rules = eventRoutes({ region, buckets, target: queue.arn, undelivered, alerting }, this.own)
    letRulesSend(TOPIC, region, queue, rules, this.own)
    letRulesSend(`undelivered-${region}`, region, undelivered, rules, this.own)
  }

  /** The other region's events join the home region's bus, where the same rules catch them. */
  #pairRules(): void {
    const { accountId, home, pair: region } = this.#plan.config.aws
    const { alerting, media } = this.#others
    const target = pulumi.output(`arn:aws:events:${home}:${accountId}:event-bus/default`)
    const role = serviceRole('events-to-home', 'events.amazonaws.com', accountId, this.own)
    grant('events-to-home', role, [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: target }], this.own)
    const undelivered = this.#undelivered(region)
    const buckets = [media.pair.bucket.bucket]
    const rules = eventRoutes({ region, buckets, target, role, undelivered, alerting }, this.own)
    letRulesSend(`undelivered-${region}`, region, undelivered, rules, this.own)
  }

  /** Where a region's events wait that EventBridge could not deliver within a day. */
  #undelivered(region: string): aws.sqs.Queue {
    const name = `undelivered-${region}`
    const dead = new aws.sqs.Queue(
      name,
      { region, messageRetentionSeconds: RETENTION_S, sqsManagedSseEnabled: true },
      this.kept,
    )
    deadLetterAlarm(name, { region, dead, runbook: 'hand-off-dead', alerting: this.#others.alerting }, this.own)
    return dead
  }

  #letForwarderPublish(): void {
    const { bus, identity } = this.#others
    new gcp.pubsub.TopicIAMMember(
      'forwarder',
      {
        topic: bus.topic(TOPIC).name,
        role: 'roles/pubsub.publisher',
        member: identity.principalSet(identity.forwarderRole),
      },
      { ...this.own, dependsOn: identity.provider },
    )
  }

  #forwarder(): void {
    const { config } = this.#plan
    const region = config.aws.home
    const functionName = physicalName(this.#plan, 'forwarder')
    const logs = new aws.cloudwatch.LogGroup(
      'forwarder',
      { region, name: `/aws/lambda/${functionName}`, retentionInDays: this.#plan.sizing.logDays },
      this.own,
    )
    const { role, granted } = this.#forwarderMay(logs)
    const forwarder = new aws.lambda.Function(
      'forwarder',
      {
        region,
        name: functionName,
        role: role.arn,
        runtime: 'nodejs24.x',
        architectures: ['arm64'],
        handler: 'index.handler',
        s3Bucket: this.artifacts.bucket,
        s3Key: config.forwarder.key,
        sourceCodeHash: config.forwarder.sha256,
        memorySize: FORWARDER_MEMORY_MIB,
        timeout: FORWARDER_TIMEOUT_S,
        loggingConfig: { logFormat: 'JSON', logGroup: logs.name },
        environment: { variables: this.#forwarderEnvironment() },
      },
      { ...this.own, dependsOn: granted },
    )
    new aws.lambda.EventSourceMapping(
      'forwarder',
      {
        region,
        eventSourceArn: this.events.queue.arn,
        functionName: forwarder.name,
        batchSize: BATCH,
        functionResponseTypes: ['ReportBatchItemFailures'],
        scalingConfig: { maximumConcurrency: FORWARDERS_MAX },
      },
      this.own,
    )
    this.#errorsAlarm(forwarder)
  }

  #errorsAlarm(forwarder: aws.lambda.Function): void {
    awsAlarm(
      'forwarder-errors',
      this.#plan.config.aws.home,
      {
        namespace: 'AWS/Lambda',
        metric: 'Errors',
        dimensions: { FunctionName: forwarder.name },
        statistic: 'Sum',
        above: 0,
        runbook: 'hand-off-age',
        says: 'The forwarder fails for five minutes in a row.',
      },
      this.#others.alerting,
      this.own,
    )
  }

  #forwarderMay(logs: aws.cloudwatch.LogGroup): { role: aws.iam.Role; granted: pulumi.Resource } {
    const role = this.#others.identity.forwarderRole
    const granted = grant(
      'forwarder',
      role,
      [
        {
          Effect: 'Allow',
          Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          Resource: this.events.queue.arn,
        },
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: pulumi.interpolate`${logs.arn}:*`,
        },
      ],
      this.own,
    )
    return { role, granted }
  }

  /** The settings of functions/aws-forwarder; a region's own address keeps the order of a key. */
  #forwarderEnvironment(): Record<string, pulumi.Input<string>> {
    const { gcp: google } = this.#plan.config
    return {
      PUBSUB_PROJECT: google.project,
      PUBSUB_TOPIC: this.#others.bus.topic(TOPIC).name,
      PUBSUB_URL: `https://${google.home}-pubsub.googleapis.com`,
      WORKLOAD_IDENTITY_AUDIENCE: pulumi.interpolate`//iam.googleapis.com/${this.#others.identity.provider.name}`,
    }
  }

  #ageAlarm(): void {
    awsAlarm(
      `${TOPIC}-age`,
      this.#plan.config.aws.home,
      {
        namespace: 'AWS/SQS',
        metric: 'ApproximateAgeOfOldestMessage',
        dimensions: { QueueName: this.events.queue.name },
        statistic: 'Maximum',
        above: AGE_S,
        runbook: 'hand-off-age',
        says: 'Events of AWS wait longer than two minutes for the bus.',
      },
      this.#others.alerting,
      this.own,
    )
  }
}
