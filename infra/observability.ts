import * as gcp from '@pulumi/gcp'
import { SUBSCRIPTIONS } from '#shared/domain/topology.ts'
import type { Alerting } from './alerting.ts'
import { type Bus, DEAD } from './bus.ts'
import { Component, type Plan } from './component.ts'
import { namesOf } from './names.ts'
import { googleAlert } from './observability-alert.ts'

const SUBSCRIPTION = 'resource.type = "pubsub_subscription"'
/** Every consumer of the bus, as a pattern. */
const CONSUMERS = SUBSCRIPTIONS.map(({ name }) => name).join('|')
/** A message older than this means its consumer does not keep up, in s. */
const BUS_AGE_S = 300
/** A pipeline of the warehouse may be this far behind, in s. */
const PIPELINE_LAG_S = 1_800
const SOON_S = 0
const LASTING_S = 300
/** How long the news of a dead job waits for somebody to read it. */
const DEAD_JOBS_KEPT = '604800s'
const ACK_S = 600
const UPTIME_EVERY = '60s'
const UPTIME_TIMEOUT = '10s'
/** Regions the door is asked from; the fewest Google takes is three. */
const ASKED_FROM = ['USA_VIRGINIA', 'EUROPE', 'ASIA_PACIFIC']

/** Alarms on what is set aside, what waits too long and what does not answer, on Google Cloud. */
export class Observability extends Component {
  readonly #plan: Plan
  readonly #alerting: Alerting

  constructor(plan: Plan, { alerting, bus }: { alerting: Alerting; bus: Bus }) {
    super('Observability', 'observability', plan)
    this.#plan = plan
    this.#alerting = alerting
    this.#deadLetters()
    this.#deadJobs(bus)
    this.#busAge()
    if (plan.config.stage === 'full') {
      this.#door()
      this.#syntheticShows()
      if (plan.config.features.warehouse) this.#pipelines()
    }
    this.registerOutputs({})
  }

  /** One alarm for all of them, a line of it per subscription; a new subscription is watched the day it is made. */
  #deadLetters(): void {
    googleAlert(
      'dead-letters',
      {
        says: 'Messages were set aside that their consumer refused five times.',
        runbook: 'dead-letters',
        severity: 'CRITICAL',
        conditions: [
          {
            name: 'a dead letter waits',
            filter: `${SUBSCRIPTION} AND metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = monitoring.regex.full_match(".*${DEAD}")`,
            above: 0,
            forS: SOON_S,
            aligner: 'ALIGN_MAX',
            reducer: 'REDUCE_MAX',
            per: ['resource.labels.subscription_id'],
          },
        ],
      },
      this.#alerting,
      this.own,
    )
  }

  /** Dead jobs are rows; their events wait here until a person has read them. */
  #deadJobs(bus: Bus): void {
    const mailbox = new gcp.pubsub.Subscription(
      'dead-jobs',
      {
        name: 'dead-jobs',
        topic: bus.topic('jobs').name,
        filter: 'attributes.type = "job.dead"',
        ackDeadlineSeconds: ACK_S,
        messageRetentionDuration: DEAD_JOBS_KEPT,
        expirationPolicy: { ttl: '' },
      },
      this.kept,
    )
    googleAlert(
      'dead-jobs',
      {
        says: 'A job used up its attempts.',
        runbook: 'dead-jobs',
        severity: 'WARNING',
        conditions: [
          {
            name: 'a job died',
            filter: mailbox.name.apply(
              name =>
                `${SUBSCRIPTION} AND metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = "${name}"`,
            ),
            above: 0,
            forS: SOON_S,
            aligner: 'ALIGN_MAX',
          },
        ],
      },
      this.#alerting,
      this.own,
    )
  }

  #busAge(): void {
    googleAlert(
      'bus-age',
      {
        says: 'A consumer leaves events waiting for more than five minutes.',
        runbook: 'bus-age',
        severity: 'WARNING',
        conditions: [
          {
            name: 'the oldest event is too old',
            filter: `${SUBSCRIPTION} AND metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND resource.labels.subscription_id = monitoring.regex.full_match("${CONSUMERS}")`,
            above: BUS_AGE_S,
            forS: LASTING_S,
            aligner: 'ALIGN_MAX',
            reducer: 'REDUCE_MAX',
            per: ['resource.labels.subscription_id'],
          },
        ],
      },
      this.#alerting,
      this.own,
    )
  }

  #door(): void {
    const check = new gcp.monitoring.UptimeCheckConfig(
      'door',
      {
        displayName: 'The front door answers',
        period: UPTIME_EVERY,
        timeout: UPTIME_TIMEOUT,
        selectedRegions: ASKED_FROM,
        monitoredResource: {
          type: 'uptime_url',
          labels: { project_id: this.#plan.config.gcp.project, host: namesOf(this.#plan).app },
        },
        httpCheck: {
          path: '/v1/streams',
          useSsl: true,
          validateSsl: true,
          acceptedResponseStatusCodes: [{ statusClass: 'STATUS_CLASS_2XX' }],
        },
      },
      this.own,
    )
    googleAlert(
      'door-down',
      {
        says: 'The list of live shows cannot be read from outside.',
        runbook: 'door-down',
        severity: 'CRITICAL',
        conditions: [
          {
            name: 'two places get no answer',
            filter: check.uptimeCheckId.apply(
              id =>
                `resource.type = "uptime_url" AND metric.type = "monitoring.googleapis.com/uptime_check/check_passed" AND metric.labels.check_id = "${id}"`,
            ),
            above: 1,
            forS: LASTING_S,
            aligner: 'ALIGN_NEXT_OLDER',
            reducer: 'REDUCE_COUNT_FALSE',
            per: ['resource.labels.host'],
          },
        ],
      },
      this.#alerting,
      this.own,
    )
  }

  #syntheticShows(): void {
    googleAlert(
      'canary-failed',
      {
        says: 'A synthetic show did not come through.',
        runbook: 'canary-failed',
        severity: 'CRITICAL',
        conditions: [
          {
            name: 'a run failed',
            filter:
              'resource.type = "cloud_run_job" AND metric.type = "run.googleapis.com/job/completed_execution_count" AND metric.labels.result = "failed" AND resource.labels.job_name = "canary"',
            above: 0,
            forS: SOON_S,
            aligner: 'ALIGN_DELTA',
            periodS: LASTING_S,
            reducer: 'REDUCE_SUM',
            per: ['resource.labels.location'],
          },
        ],
      },
      this.#alerting,
      this.own,
    )
  }

  /** A pipeline that stands still loses nothing for as long as its change stream keeps, three days. */
  #pipelines(): void {
    googleAlert(
      'pipeline-lag',
      {
        says: 'Rows reach the warehouse half an hour late.',
        runbook: 'pipeline-lag',
        severity: 'WARNING',
        conditions: [
          {
            name: 'a pipeline is behind',
            filter: 'resource.type = "dataflow_job" AND metric.type = "dataflow.googleapis.com/job/system_lag"',
            above: PIPELINE_LAG_S,
            forS: LASTING_S,
            aligner: 'ALIGN_MAX',
            reducer: 'REDUCE_MAX',
            per: ['resource.labels.job_name'],
          },
        ],
      },
      this.#alerting,
      this.own,
    )
  }
}
