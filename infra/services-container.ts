import type * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import type { ServiceRow } from '#shared/domain/service-catalogue.ts'
import type { Plan } from './component.ts'
import type { Network } from './network.ts'
import type { Variable } from './services-environment.ts'

/** Port every container listens on; Cloud Run names it to the container as PORT. */
const PORT = 8080
/** What reads a container's /metrics and hands them to Managed Service for Prometheus; scrapes port 8080 by itself. */
const COLLECTOR = 'us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.2.0'
const APP = 'app'

const PROBE_EVERY_S = 5
const PROBE_TIMEOUT_S = 4
/** Attempts before a start counts as failed: a minute and a half. */
const START_ATTEMPTS = 18
const ALIVE_ATTEMPTS = 3

const STARTED = {
  httpGet: { path: '/readyz', port: PORT },
  periodSeconds: PROBE_EVERY_S,
  timeoutSeconds: PROBE_TIMEOUT_S,
  failureThreshold: START_ATTEMPTS,
}
const ALIVE = {
  httpGet: { path: '/healthz', port: PORT },
  periodSeconds: PROBE_EVERY_S * 2,
  timeoutSeconds: PROBE_TIMEOUT_S,
  failureThreshold: ALIVE_ATTEMPTS,
}

type AppContainer = {
  name: string
  image: pulumi.Input<string>
  args: string[]
  envs: Variable[]
  startupProbe: typeof STARTED
  livenessProbe: typeof ALIVE
}

/** The product's own container: the image starts the entry file it is given as its one argument. */
export function appContainer(row: ServiceRow, image: pulumi.Input<string>, envs: Variable[]): AppContainer {
  return { name: APP, image, args: [row.entry], envs, startupProbe: STARTED, livenessProbe: ALIVE }
}

/** What an app container may use. */
export function limitsOf(row: ServiceRow): Record<string, string> {
  return { cpu: String(row.cpu), memory: `${row.memoryMiB}Mi` }
}

/** The container beside it that carries its metrics away. */
export function collectorContainer(): { name: string; image: string; dependsOns: string[] } {
  return { name: 'collector', image: COLLECTOR, dependsOns: [APP] }
}

/** The app's port, for services. */
export const APP_PORT = { name: 'http1', containerPort: PORT }

/** Leaves through the private network, for what must reach the cache; else straight out. */
export function egressOf(
  { config }: Plan,
  row: ServiceRow,
  region: string,
  network: Network,
): { vpcAccess?: gcp.types.input.cloudrunv2.ServiceTemplateVpcAccess } {
  const wanted = config.features.redis && row.uses.includes('counters')
  if (!wanted) return {}
  const networkInterfaces = [{ network: network.network.id, subnetwork: network.subnet(region).id }]
  return { vpcAccess: { egress: 'PRIVATE_RANGES_ONLY', networkInterfaces } }
}
