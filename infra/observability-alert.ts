import * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import type { Alerting } from './alerting.ts'

/** When an alert of Google Cloud rings. */
export type GoogleAlert = {
  says: string
  /** One page of docs/runbooks/, without its suffix. */
  runbook: string
  severity: 'CRITICAL' | 'WARNING'
  conditions: {
    name: string
    filter: pulumi.Input<string>
    above: number
    /** How long it must be so, in s. */
    forS: number
    aligner: 'ALIGN_MAX' | 'ALIGN_MEAN' | 'ALIGN_DELTA' | 'ALIGN_NEXT_OLDER' | 'ALIGN_FRACTION_TRUE'
    periodS?: number
    /** One alarm per value of these labels. */
    per?: readonly string[]
    reducer?: 'REDUCE_MAX' | 'REDUCE_SUM' | 'REDUCE_COUNT_FALSE'
  }[]
}

const PERIOD_S = 60
/** An alarm whose data stopped closes by itself after a day. */
const AUTO_CLOSE = '86400s'

/** An alert that tells on-call and names its runbook; several conditions ring together or not at all. */
export function googleAlert(
  name: string,
  alert: GoogleAlert,
  alerting: Alerting,
  options: pulumi.CustomResourceOptions,
): gcp.monitoring.AlertPolicy {
  return new gcp.monitoring.AlertPolicy(
    name,
    {
      displayName: name,
      severity: alert.severity,
      combiner: 'AND',
      conditions: alert.conditions.map(({ name: displayName, filter, above, forS, aligner, ...rest }) => ({
        displayName,
        conditionThreshold: {
          filter,
          comparison: 'COMPARISON_GT',
          thresholdValue: above,
          duration: `${forS}s`,
          aggregations: [
            {
              alignmentPeriod: `${rest.periodS ?? PERIOD_S}s`,
              perSeriesAligner: aligner,
              ...(rest.reducer === undefined
                ? {}
                : { crossSeriesReducer: rest.reducer, groupByFields: [...(rest.per ?? [])] }),
            },
          ],
        },
      })),
      documentation: { mimeType: 'text/markdown', content: `${alert.says} Runbook: docs/runbooks/${alert.runbook}.md` },
      alertStrategy: { autoClose: AUTO_CLOSE },
      notificationChannels: [alerting.channel.id],
    },
    options,
  )
}
