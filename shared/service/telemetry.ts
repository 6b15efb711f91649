import type { Attributes, Counter, Histogram, Meter, ObservableResult } from '@opentelemetry/api'
import type { metrics } from '@opentelemetry/sdk-node'
import { recordSpans } from './trace.ts'

export type Telemetry = {
  /** Every metric in Prometheus' text format. */
  metricsText: () => Promise<string>
  /** Every metric as it was measured. */
  collected: () => Promise<metrics.ResourceMetrics>
  shutdown: () => Promise<void>
}

type Bind = (meter: Meter) => void

const METER = 'showreel'
/** Latency bounds in seconds: parts of a page up to a blocked long poll. */
const SECONDS_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Instruments are declared before the process knows whether it measures; they are bound when it starts to. */
const declared: Bind[] = []
let meter: Meter | undefined

/** A number that only grows. */
export function counter(name: string, help: string): { add(value: number, attributes?: Attributes): void } {
  let instrument: Counter | undefined
  declare(bound => (instrument = bound.createCounter(name, { description: help })))
  return { add: (value, attributes) => instrument?.add(value, attributes) }
}

/** A distribution; in seconds unless another unit is named. */
export function histogram(
  name: string,
  help: string,
  unit: string,
): { record(value: number, attributes?: Attributes): void } {
  let instrument: Histogram | undefined
  const advice = unit === 's' ? { explicitBucketBoundaries: SECONDS_BOUNDS } : {}
  declare(bound => (instrument = bound.createHistogram(name, { description: help, advice })))
  return { record: (value, attributes) => instrument?.record(value, attributes) }
}

/** A value asked for whenever metrics are read. */
export function gauge(name: string, help: string, observe: (result: ObservableResult) => void | Promise<void>): void {
  declare(bound => bound.createObservableGauge(name, { description: help }).addCallback(observe))
}

function declare(bind: Bind): void {
  declared.push(bind)
  if (meter !== undefined) bind(meter)
}

/**
 * Starts metrics, and with `otlp` also traces, sent to `OTEL_EXPORTER_OTLP_ENDPOINT`. Once a process: `/metrics` is
 * served by the process itself, no port is opened. Loading goes on behind the start, which does not wait for it; what is
 * measured in that moment is not counted.
 */
export function startTelemetry(options: { service: string; otlp?: boolean }): Telemetry {
  const started = load(options)
  return {
    metricsText: async () => (await started).metricsText(),
    collected: async () => (await started).collected(),
    shutdown: async () => (await started).shutdown(),
  }
}

async function load(options: { service: string; otlp?: boolean }): Promise<Telemetry> {
  const [{ metrics: measuring, NodeSDK, resources }, { PrometheusExporter, PrometheusSerializer }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-prometheus'),
  ])
  const resource = resources.resourceFromAttributes({ 'service.name': options.service })
  const reader = new PrometheusExporter({ preventServerStart: true })
  const meters = new measuring.MeterProvider({ resource, readers: [reader] })
  // Metrics have a provider of their own, so that the exporter's environment cannot redirect them.
  const traces =
    options.otlp === true
      ? new NodeSDK({
          resource,
          autoDetectResources: false,
          instrumentations: [],
          logRecordProcessors: [],
          metricReaders: [],
        })
      : undefined
  traces?.start()
  recordSpans(traces !== undefined)
  meter = meters.getMeter(METER)
  for (const bind of declared) bind(meter)
  const serializer = new PrometheusSerializer()
  return {
    collected: async () => (await reader.collect()).resourceMetrics,
    metricsText: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    shutdown: async () => {
      meter = undefined
      recordSpans(false)
      await Promise.all([meters.shutdown(), traces?.shutdown()])
    },
  }
}
