import type { ServiceApp } from './service-app.ts'

export type HealthOptions = {
  /** What must work before requests are sent here; each throws while it does not. */
  checks: Readonly<Record<string, () => Promise<void>>>
  /** What is known about this instance, such as the sandbox level. */
  facts: Readonly<Record<string, unknown>>
  /** Every metric in Prometheus' text format. */
  metrics: () => Promise<string>
  /** Aborted when the instance is to end. */
  drain: AbortSignal
}

const CHECK_MS_MAX = 2_000
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** `GET /healthz` (200 while alive, with the facts), `GET /readyz` (503 naming what fails, or draining), `GET /metrics`. */
export function healthRoutes(app: ServiceApp, options: HealthOptions): void {
  app.get('/healthz', c => c.json({ status: 'ok', ...options.facts }))

  app.get('/readyz', async c => {
    if (options.drain.aborted) return c.json({ status: 'draining', failing: [] }, 503)
    const names = Object.keys(options.checks)
    const results = await Promise.allSettled(Object.values(options.checks).map(check => inTime(check)))
    const failing = names.filter((_, index) => results[index]?.status === 'rejected')
    return failing.length === 0 ? c.json({ status: 'ready', failing }) : c.json({ status: 'failing', failing }, 503)
  })

  app.get('/metrics', async c => c.body(await options.metrics(), 200, { 'content-type': PROMETHEUS_TYPE }))
}

async function inTime(check: () => Promise<void>): Promise<void> {
  const late = AbortSignal.timeout(CHECK_MS_MAX)
  const timeout = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error('The check took too long.')), { once: true })
  })
  await Promise.race([check(), timeout])
}
