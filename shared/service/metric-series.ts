import type { metrics } from '@opentelemetry/sdk-node'

/** What the process that measures is to Google's Managed Service for Prometheus. */
export type MetricTarget = {
  project_id: string
  /** A region of Google's; it takes no other. */
  location: string
  cluster: string
  namespace: string
  job: string
  instance: string
}

/** One series as `timeSeries.create` of the Cloud Monitoring API (v3) takes it. */
export type MetricSeries = {
  metric: { type: string; labels: Record<string, string> }
  resource: { type: 'prometheus_target'; labels: MetricTarget }
  metricKind: 'GAUGE' | 'CUMULATIVE'
  valueType: 'DOUBLE' | 'DISTRIBUTION'
  points: [{ interval: { startTime?: string; endTime: string }; value: object }]
}

type Collected = metrics.ResourceMetrics
type Metric = Collected['scopeMetrics'][number]['metrics'][number]
type Point = Metric['dataPoints'][number]
type Instant = Point['startTime']

const PREFIX = 'prometheus.googleapis.com'
/** Cumulative intervals must not be empty, in ms. */
const INTERVAL_MS_MIN = 1
const MS_PER_S = 1_000
const NS_PER_MS = 1_000_000
const NOT_IN_LABELS = /[^A-Za-z0-9_]/gu

/**
 * What was measured, under the names that `/metrics` has it, so that one query finds it however it came; pure. `nowMs` is
 * the instant of every point. Exponential histograms, which the product has none of, are left out.
 */
export function metricSeries({ scopeMetrics }: Collected, target: MetricTarget, nowMs: number): MetricSeries[] {
  const all = scopeMetrics.flatMap(({ metrics: some }) => some)
  return all.flatMap(metric => metric.dataPoints.flatMap(point => seriesOf(metric, point, target, nowMs) ?? []))
}

function seriesOf(metric: Metric, point: Point, target: MetricTarget, nowMs: number): MetricSeries | undefined {
  const { name } = metric.descriptor
  const { value } = point
  const histogram = distributionOf(value)
  const grows = 'isMonotonic' in metric && metric.isMonotonic
  if (histogram === undefined && typeof value !== 'number') return undefined
  const kind = histogram !== undefined ? 'histogram' : grows ? 'counter' : 'gauge'
  const told = kind === 'counter' && !name.endsWith('_total') ? `${name}_total` : name
  const endTime = new Date(nowMs).toISOString()
  const startTime = new Date(Math.min(msOf(point.startTime), nowMs - INTERVAL_MS_MIN)).toISOString()
  return {
    metric: { type: `${PREFIX}/${told}/${kind}`, labels: labelsOf(point) },
    resource: { type: 'prometheus_target', labels: target },
    metricKind: kind === 'gauge' ? 'GAUGE' : 'CUMULATIVE',
    valueType: histogram === undefined ? 'DOUBLE' : 'DISTRIBUTION',
    points: [
      {
        interval: kind === 'gauge' ? { endTime } : { startTime, endTime },
        value: histogram === undefined ? { doubleValue: value } : { distributionValue: histogram },
      },
    ],
  }
}

function distributionOf(value: Point['value']): object | undefined {
  if (typeof value === 'number' || !('buckets' in value)) return undefined
  const { count, sum = 0, buckets } = value
  return {
    count: String(count),
    mean: count === 0 ? 0 : sum / count,
    bucketOptions: { explicitBuckets: { bounds: buckets.boundaries } },
    bucketCounts: buckets.counts.map(String),
  }
}

function labelsOf({ attributes }: Point): Record<string, string> {
  const named = Object.entries(attributes).map(([name, value]) => [name.replaceAll(NOT_IN_LABELS, '_'), String(value)])
  return Object.fromEntries(named) as Record<string, string>
}

function msOf([seconds, nanoseconds]: Instant): number {
  return seconds * MS_PER_S + nanoseconds / NS_PER_MS
}
