import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '#test/helpers/eventually.ts'
import { postReceiver } from '#test/helpers/post-receiver.ts'
import { createLog } from './log.ts'
import type { MetricSeries } from './metric-series.ts'
import { pushMetrics } from './push-metrics.ts'
import { counter, gauge, histogram, startTelemetry } from './telemetry.ts'

const TARGET = {
  project_id: 'project',
  location: 'us-east4',
  cluster: 'aws-us-east-1',
  namespace: 'live',
  job: 'live',
  instance: 'one',
}
const NOW = Date.parse('2026-11-21T18:00:00.000Z')

const grown = counter('push_grown', 'Grows')
const took = histogram('push_took_seconds', 'Took', 's')
gauge('push_waiting', 'Waiting', result => {
  for (let queue = 0; queue < 250; queue += 1) result.observe(queue, { 'queue.name': String(queue) })
})

test('what is measured is written under its name in Prometheus, with its labels, 200 series at a time, also at the end', async () => {
  const google = await postReceiver(() => ({ status: 200, body: '{}' }))
  onTestFinished(async () => await google[Symbol.asyncDispose]())
  const telemetry = startTelemetry({ service: 'test' })
  await telemetry.metricsText()
  grown.add(2, { reason: 'a' })
  took.record(0.02)
  const stop = new AbortController()
  const pushing = pushMetrics({
    telemetry,
    url: new URL(google.url),
    target: TARGET,
    authorize: async () => new Headers({ authorization: 'Bearer role' }),
    now: () => NOW,
    log: createLog({ service: 'test', level: 'silent' }),
    signal: stop.signal,
  })
  stop.abort()
  await pushing
  await telemetry.shutdown()
  const written = google.received.map(({ body }) => (body as { timeSeries: MetricSeries[] }).timeSeries)
  expect(written.length).toBeGreaterThan(1)
  expect(Math.max(...written.map(({ length }) => length))).toBeLessThanOrEqual(200)
  expect(google.received[0]).toMatchObject({
    path: '/v3/projects/project/timeSeries',
    headers: { authorization: 'Bearer role' },
  })
  const series = written.flat()
  const named = (name: string) => series.filter(({ metric }) => metric.type === `prometheus.googleapis.com/${name}`)
  expect(named('push_waiting/gauge')).toHaveLength(250)
  expect(named('push_waiting/gauge')[7]).toEqual({
    metric: { type: 'prometheus.googleapis.com/push_waiting/gauge', labels: { queue_name: '7' } },
    resource: { type: 'prometheus_target', labels: TARGET },
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    points: [{ interval: { endTime: '2026-11-21T18:00:00.000Z' }, value: { doubleValue: 7 } }],
  })
  const [counted] = named('push_grown_total/counter')
  expect(counted).toMatchObject({ metricKind: 'CUMULATIVE', metric: { labels: { reason: 'a' } } })
  expect(counted?.points[0].value).toEqual({ doubleValue: 2 })
  expect(Date.parse(counted?.points[0].interval.startTime ?? '')).toBeLessThan(NOW)
  const [distribution] = named('push_took_seconds/histogram')
  expect(distribution).toMatchObject({ metricKind: 'CUMULATIVE', valueType: 'DISTRIBUTION' })
  const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  expect(distribution?.points[0].value).toEqual({
    distributionValue: {
      count: '1',
      mean: 0.02,
      bucketOptions: { explicitBuckets: { bounds } },
      bucketCounts: [...bounds, Infinity].map(bound => (bound === 0.025 ? '1' : '0')),
    },
  })
})

test('a Monitoring that refuses stops nothing: it is said once, and the end still comes', async () => {
  const google = await postReceiver(() => ({ status: 500, body: 'no' }))
  onTestFinished(async () => await google[Symbol.asyncDispose]())
  const said: string[] = []
  const stop = AbortSignal.abort()
  const telemetry = startTelemetry({ service: 'test' })
  onTestFinished(async () => await telemetry.shutdown())
  await pushMetrics({
    telemetry,
    url: new URL(google.url),
    target: TARGET,
    authorize: async () => new Headers(),
    now: () => NOW,
    log: {
      ...createLog({ service: 'test', level: 'silent' }),
      warn: (_: object, message: string) => said.push(message),
    } as never,
    signal: stop,
  })
  await eventually(
    () => expect(said).toEqual(['metrics: they are not written to Cloud Monitoring']),
    () => true,
  )
})
