import { Refusal } from '#shared/domain/refusal.ts'
import { type HealthOptions, healthRoutes } from './health-routes.ts'
import type { Log } from './log.ts'
import { type ServiceApp, serviceApp } from './service-app.ts'

type OperationsOptions = Pick<HealthOptions, 'checks' | 'metrics' | 'drain'> & { service: string; log: Log }

/** Paths of `operationsApp`; whatever else a process serves lies beside them. */
export const OPERATIONS_PATH = /^\/(?:healthz|readyz|metrics)$/u

/** What a process answers about itself and nothing else: `/healthz`, `/readyz` and `/metrics`. */
export function operationsApp({ service, log, drain, checks, metrics }: OperationsOptions): ServiceApp {
  const nobody = () => Promise.reject(new Refusal('auth.invalid', { detail: 'This process serves nobody.' }))
  const app = serviceApp({ service, log, drain, verifyUser: nobody, verifyService: nobody })
  healthRoutes(app, { checks, facts: { service }, metrics, drain })
  return app
}
