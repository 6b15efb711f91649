import type { Clock } from '#shared/domain/clock.ts'
import type { Log } from './log.ts'
import { type MetricTarget, metricSeries } from './metric-series.ts'
import { pause } from './pause.ts'
import type { Telemetry } from './telemetry.ts'

export type PushMetricsOptions = {
  telemetry: Pick<Telemetry, 'collected'>
  /** The Cloud Monitoring API. */
  url: URL
  target: MetricTarget
  /** Headers that say who writes. */
  authorize: () => Promise<Headers>
  now: Clock
  log: Log
  signal: AbortSignal
}

const EVERY_MS = 30_000
const CALL_MS_MAX = 5_000
/** Series of one `timeSeries.create`. */
const SERIES_MAX = 200

/**
 * Writes what this process measures to Cloud Monitoring twice a minute, and once more at its end: for machines that no
 * collector of Google's stands beside. What cannot be written is let go; the next writing has newer values.
 */
export async function pushMetrics(options: PushMetricsOptions): Promise<void> {
  const { signal, log } = options
  let troubled = false
  for (;;) {
    await pause(EVERY_MS, signal)
    const ends = signal.aborted
    try {
      await push(options)
      troubled = false
    } catch (error) {
      if (!troubled) log.warn({ err: error }, 'metrics: they are not written to Cloud Monitoring')
      troubled = true
    }
    if (ends) return
  }
}

async function push({ telemetry, url, target, authorize, now }: PushMetricsOptions): Promise<void> {
  const series = metricSeries(await telemetry.collected(), target, now())
  const headers = await authorize()
  headers.set('content-type', 'application/json')
  const at = new URL(`/v3/projects/${target.project_id}/timeSeries`, url)
  for (let from = 0; from < series.length; from += SERIES_MAX) {
    const body = JSON.stringify({ timeSeries: series.slice(from, from + SERIES_MAX) })
    const signal = AbortSignal.timeout(CALL_MS_MAX)
    const answer = await fetch(at, { method: 'POST', headers, body, signal, redirect: 'error' })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Cloud Monitoring answered ${answer.status}: ${text.slice(0, 500)}`)
  }
}
