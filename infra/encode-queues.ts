import { QUEUES } from '#shared/domain/topology.ts'
import type { Alerting } from './alerting.ts'
import { awsAlarm } from './aws-alarm.ts'
import { grant } from './aws-policy.ts'
import { Component, type Plan } from './component.ts'
import type { Identity } from './identity.ts'
import { type QueuePair, queuePair } from './queue-pair.ts'

/** A wake-up that no worker answered within this is given to another, in s. */
const VISIBILITY_S = 60
/** A wake-up is lost without harm: the job's row is woken again. Ten that fail are worth a look. */
const RECEIVES = 10
/** A wake-up that waits longer than this rings, in s. */
const AGE_S = 900

/** Queues that wake the jobs of workers on Spot, one per queue of the topology that a worker runs. */
export class EncodeQueues extends Component {
  /** By the topology's queue name. */
  readonly queues: Readonly<Record<string, QueuePair>>

  constructor(plan: Plan, { alerting, identity }: { alerting: Alerting; identity: Identity }) {
    super('EncodeQueues', 'encode-queues', plan)
    const region = plan.config.aws.home
    const rows = QUEUES.filter(({ runner }) => runner === 'worker')
    const options = { region, visibilityS: VISIBILITY_S, receives: RECEIVES, runbook: 'dead-jobs', alerting }
    this.queues = Object.fromEntries(rows.map(({ name }) => [name, queuePair(name, options, this.kept)]))
    for (const { name, service } of rows) {
      const pair = this.queues[name]
      const role = identity.roles[service]
      if (pair === undefined || role === undefined) throw new Error(`${service} cannot wake ${name}.`)
      grant(
        `${service}-wakes-${name}`,
        role,
        [{ Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'], Resource: pair.queue.arn }],
        this.own,
      )
      awsAlarm(
        `${name}-age`,
        region,
        {
          namespace: 'AWS/SQS',
          metric: 'ApproximateAgeOfOldestMessage',
          dimensions: { QueueName: pair.queue.name },
          statistic: 'Maximum',
          above: AGE_S,
          runbook: 'encode-backlog',
          says: `Jobs of ${name} wait longer than a quarter of an hour for a worker.`,
        },
        alerting,
        this.own,
      )
    }
    this.registerOutputs({})
  }
}
