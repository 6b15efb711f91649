import type { CloudProcess } from './cloud-process.ts'
import { healthRoutes } from './health-routes.ts'
import { type HttpServer, serveHttp } from './http-server.ts'
import type { ServiceApp } from './service-app.ts'

/** For answers in flight at the end, in ms; the loops and the connections need what is left of the drain. */
const DRAIN_MS = 5_000

/** Serves an app with its health on every interface; at the end it drains, and then waits for the service's loops. */
export async function serveService(
  app: ServiceApp,
  { settings, log, life, telemetry }: Pick<CloudProcess<{ port: number }>, 'settings' | 'log' | 'life' | 'telemetry'>,
  checks: Readonly<Record<string, () => Promise<void>>>,
  loops: readonly Promise<void>[] = [],
): Promise<HttpServer> {
  const metrics = () => telemetry.metricsText()
  healthRoutes(app, { checks, facts: {}, metrics, drain: life.signal })
  const { port } = settings
  const server = await serveHttp({ fetch: app.fetch, port, host: '0.0.0.0', log, name: 'API', setting: 'PORT' })
  life.onDrain(async () => {
    await server.drain(DRAIN_MS)
    await Promise.allSettled(loops)
  })
  return server
}
