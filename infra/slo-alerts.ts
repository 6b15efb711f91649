import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { CANARY_LINE, type Slo, SLO_DAYS, slosOf } from '#shared/domain/slo.ts'
import { SUBSCRIPTIONS } from '#shared/domain/topology.ts'
import type { Alerting } from './alerting.ts'
import { Component, physicalName, type Plan } from './component.ts'
import { googleAlert } from './observability-alert.ts'

/** How fast the allowed share of bad ones may be used up before somebody is told; SRE workbook, chapter 5. */
const BURNS = [
  { speed: 'fast', above: 14.4, windows: ['3600s', '300s'], severity: 'CRITICAL' },
  { speed: 'slow', above: 6, windows: ['21600s', '1800s'], severity: 'WARNING' },
] as const
const MINUTE = '60s'
/** Bounds of the canary's timings: 20 of them, each half as long again, from 50 ms to beyond 100 s. */
const TIMING_BOUNDS = { numFiniteBuckets: 20, growthFactor: 1.5, scale: 50 }

/** Every promise as an objective of Cloud Monitoring, with a fast and a slow alert on its budget. */
export class SloAlerts extends Component {
  readonly #service: gcp.monitoring.CustomService
  readonly #timings: gcp.logging.Metric

  constructor(plan: Plan, alerting: Alerting) {
    super('Slos', 'slos', plan)
    this.#service = new gcp.monitoring.CustomService(
      'showreel',
      { serviceId: physicalName(plan, 'product'), displayName: `Showreel ${plan.config.stack}` },
      this.own,
    )
    this.#timings = this.#canaryTimings(plan)
    for (const slo of slosOf(plan.config.mediaPlane)) this.#objective(slo, alerting)
    this.registerOutputs({})
  }

  /** A job has no `/metrics` anybody could read in time; its log lines are what is measured. */
  #canaryTimings(plan: Plan): gcp.logging.Metric {
    const { message, hop, plane, milliseconds } = CANARY_LINE
    return new gcp.logging.Metric(
      'canary-hops',
      {
        name: physicalName(plan, 'canary-hops'),
        description: 'What synthetic shows timed, in ms',
        filter: `resource.type = "cloud_run_job" AND resource.labels.job_name = "canary" AND jsonPayload.msg = "${message}"`,
        valueExtractor: `EXTRACT(jsonPayload.${milliseconds})`,
        labelExtractors: { hop: `EXTRACT(jsonPayload.${hop})`, plane: `EXTRACT(jsonPayload.${plane})` },
        metricDescriptor: {
          metricKind: 'DELTA',
          valueType: 'DISTRIBUTION',
          unit: 'ms',
          labels: [{ key: 'hop' }, { key: 'plane' }],
        },
        bucketOptions: { exponentialBuckets: TIMING_BOUNDS },
      },
      this.own,
    )
  }

  #objective(slo: Slo, alerting: Alerting): void {
    const objective = new gcp.monitoring.Slo(
      slo.name,
      {
        service: this.#service.serviceId,
        sloId: slo.name,
        displayName: slo.promises,
        goal: slo.goal,
        rollingPeriodDays: SLO_DAYS,
        ...this.#indicator(slo),
      },
      this.own,
    )
    for (const { speed, above, windows, severity } of BURNS) {
      googleAlert(
        `${slo.name}-${speed}`,
        {
          says: `${slo.promises} It is being broken ${above} times faster than allowed.`,
          runbook: slo.runbook,
          severity,
          conditions: windows.map(window => ({
            name: `within ${window}`,
            filter: pulumi.interpolate`select_slo_burn_rate("${objective.name}", "${window}")`,
            above,
            forS: 0,
            aligner: 'ALIGN_NEXT_OLDER' as const,
          })),
        },
        alerting,
        this.own,
      )
    }
  }

  #indicator({ measure }: Slo): Partial<gcp.monitoring.SloArgs> {
    switch (measure.kind) {
      case 'answers':
        return { requestBasedSli: { goodTotalRatio: answers() } }
      case 'hop':
        return {
          requestBasedSli: {
            distributionCut: {
              distributionFilter: pulumi.interpolate`resource.type="cloud_run_job" AND metric.type="logging.googleapis.com/user/${this.#timings.name}" AND metric.labels.hop="${measure.hop}" AND metric.labels.plane="${measure.plane}"`,
              range: { max: measure.atMostMs },
            },
          },
        }
      case 'age':
        return {
          windowsBasedSli: {
            windowPeriod: MINUTE,
            metricMeanInRange: {
              timeSeries: `resource.type="pubsub_subscription" AND metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND resource.labels.subscription_id="${measure.subscription}"`,
              range: { max: measure.atMostS },
            },
          },
        }
      case 'taken':
        return { requestBasedSli: { goodTotalRatio: taken() } }
      default:
        throw new Error('No such measure.')
    }
  }
}

function answers(): gcp.types.input.monitoring.SloRequestBasedSliGoodTotalRatio {
  const all = 'resource.type="https_lb_rule" AND metric.type="loadbalancing.googleapis.com/https/request_count"'
  return { totalServiceFilter: all, badServiceFilter: `${all} AND metric.labels.response_code_class=500` }
}

function taken(): gcp.types.input.monitoring.SloRequestBasedSliGoodTotalRatio {
  const names = SUBSCRIPTIONS.map(({ name }) => name).join('|')
  const ours = `resource.type="pubsub_subscription" AND resource.labels.subscription_id=monitoring.regex.full_match("${names}")`
  return {
    goodServiceFilter: `${ours} AND metric.type="pubsub.googleapis.com/subscription/ack_message_count"`,
    badServiceFilter: `${ours} AND metric.type="pubsub.googleapis.com/subscription/dead_letter_message_count"`,
  }
}
