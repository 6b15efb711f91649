import * as gcp from '@pulumi/gcp'
import type { ServiceRow } from '#shared/domain/service-catalogue.ts'
import { QUEUES } from '#shared/domain/topology.ts'
import type { Bus } from './bus.ts'
import { Component, type Plan } from './component.ts'
import type { Data } from './data.ts'
import { googleServices, type Identity } from './identity.ts'
import type { Media } from './media.ts'
import type { MediaVariables } from './media-side.ts'
import type { Network } from './network.ts'
import { appContainer, APP_PORT, collectorContainer, egressOf, limitsOf } from './services-container.ts'
import { servicesEnvironment } from './services-environment.ts'
import { grantUses } from './services-grants.ts'
import type { ServicesImage } from './services-image.ts'

type Others = {
  identity: Identity
  network: Network
  bus: Bus
  data: Data
  media: Media
  images: ServicesImage
  mediaVariables: MediaVariables
}

/** Services whose own loops sweep and wake jobs; they need their CPU between requests too. */
const LOOPING = new Set<string>(QUEUES.map(({ service }) => service))
const JOB_RETRIES = 1

/** Everything of the catalogue that runs on Google Cloud: a service, a worker pool or a job per row and region. */
export class Services extends Component {
  /** Services by `<name> <region>`. */
  readonly services: Readonly<Record<string, gcp.cloudrunv2.Service>>
  readonly jobs: Readonly<Record<string, gcp.cloudrunv2.Job>>
  readonly #plan: Plan
  readonly #others: Others

  constructor(plan: Plan, others: Others) {
    super('Services', 'services', plan)
    this.#plan = plan
    this.#others = others
    const services: Record<string, gcp.cloudrunv2.Service> = {}
    const jobs: Record<string, gcp.cloudrunv2.Job> = {}
    for (const row of googleServices()) {
      grantUses(plan, row, others, this.own)
      for (const region of servedRegions(plan, row)) {
        const place = `${row.name} ${region}`
        if (row.kind === 'service') services[place] = this.#service(row, region)
        else if (row.kind === 'pool') this.#pool(row, region)
        else jobs[place] = this.#job(row, region)
      }
    }
    this.services = services
    this.jobs = jobs
    this.registerOutputs({})
  }

  #service(row: ServiceRow, region: string): gcp.cloudrunv2.Service {
    const { min, max } = row.instances[this.#plan.config.tier]
    const resources = { limits: limitsOf(row), cpuIdle: !LOOPING.has(row.name), startupCpuBoost: true }
    const service = new gcp.cloudrunv2.Service(
      named(row, region, this.#plan),
      {
        name: row.name,
        location: region,
        ingress: 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
        // People's bearer tokens are no Google tokens: a public service checks its callers itself.
        invokerIamDisabled: row.public,
        customAudiences: [row.name],
        deletionProtection: this.#plan.sizing.protect,
        template: {
          serviceAccount: this.#others.identity.account(row.name).email,
          timeout: `${row.timeoutS}s`,
          maxInstanceRequestConcurrency: row.concurrency,
          executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
          scaling: { minInstanceCount: min, maxInstanceCount: max },
          containers: [{ ...this.#app(row, region), ports: APP_PORT, resources }, collectorContainer()],
          ...egressOf(this.#plan, row, region, this.#others.network),
        },
      },
      this.own,
    )
    if (!row.public) this.#letIn('pusher', row, service)
    return service
  }

  /** A private service is called by the account that signs pushes, and by nobody else. */
  #letIn(caller: string, row: ServiceRow, service: gcp.cloudrunv2.Service): void {
    new gcp.cloudrunv2.ServiceIamMember(
      `${row.name}-${caller}`,
      {
        name: service.name,
        location: service.location,
        role: 'roles/run.invoker',
        member: this.#others.identity.account(caller).member,
      },
      this.own,
    )
  }

  /** A pool does not start from nothing when work comes, so it always has one instance. */
  #pool(row: ServiceRow, region: string): void {
    const { min } = row.instances[this.#plan.config.tier]
    new gcp.cloudrunv2.WorkerPool(
      named(row, region, this.#plan),
      {
        name: row.name,
        location: region,
        deletionProtection: this.#plan.sizing.protect,
        scaling: { scalingMode: 'MANUAL', manualInstanceCount: Math.max(min, 1) },
        template: {
          serviceAccount: this.#others.identity.account(row.name).email,
          containers: [{ ...this.#app(row, region), resources: { limits: limitsOf(row) } }, collectorContainer()],
          ...egressOf(this.#plan, row, region, this.#others.network),
        },
      },
      this.own,
    )
  }

  #job(row: ServiceRow, region: string): gcp.cloudrunv2.Job {
    const { livenessProbe: _alive, startupProbe: _started, ...app } = this.#app(row, region)
    return new gcp.cloudrunv2.Job(
      named(row, region, this.#plan),
      {
        name: row.name,
        location: region,
        deletionProtection: this.#plan.sizing.protect,
        template: {
          taskCount: 1,
          template: {
            serviceAccount: this.#others.identity.account(row.name).email,
            timeout: `${row.timeoutS}s`,
            maxRetries: JOB_RETRIES,
            executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
            containers: [{ ...app, resources: { limits: limitsOf(row) } }],
          },
        },
      },
      this.own,
    )
  }

  #app(row: ServiceRow, region: string): ReturnType<typeof appContainer> {
    const { identity, data, media, images, mediaVariables } = this.#others
    const variables = servicesEnvironment(this.#plan, row, region, { identity, data, buckets: media, mediaVariables })
    return appContainer(row, images.image(row.image), variables)
  }
}

/** Where a row runs: at home, and near its viewers where the tier has a second region. */
export function servedRegions({ config, sizing }: Plan, row: ServiceRow): string[] {
  const { home, pair } = config.gcp
  return row.everyRegion && sizing.secondRegion ? [home, pair] : [home]
}

function named(row: ServiceRow, region: string, { config }: Plan): string {
  return region === config.gcp.home ? row.name : `${row.name}-${region}`
}
