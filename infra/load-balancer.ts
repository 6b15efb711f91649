import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { FRONT_DOOR } from '#shared/domain/front-door.ts'
import { type ServiceRow, SERVICES } from '#shared/domain/service-catalogue.ts'
import { Component, physicalName, type Plan } from './component.ts'
import { edgeRules } from './load-balancer-armor.ts'
import { type Names, namesOf } from './names.ts'
import { servedRegions, type Services } from './services.ts'

/** Share of requests that leave a log line. */
const LOG_SHARE = { dev: 1, prod: 0.1 } as const
/** Paths of pushes and wake-ups; the clouds call those at the services' own addresses. */
const PRIVATE = /^\/(?:push|tasks)\//u

/** A path prefix people and workers may ask for, and the service behind it. */
type DoorRoute = { prefix: string; service: string }

/** The front door as the world has it: what it lists, short of what only our clouds call; first match. */
function doorRoutes(): DoorRoute[] {
  return FRONT_DOOR.filter(({ prefix }) => !PRIVATE.test(prefix))
}

/** The one public address of pages and API: TLS, edge rules, and a route per line of the front door. */
export class LoadBalancer extends Component {
  readonly address: gcp.compute.GlobalAddress
  readonly urlMap: gcp.compute.URLMap
  /** The record that proves the domain to Google, for whoever keeps the zone elsewhere. */
  readonly proof: pulumi.Output<string>
  readonly #plan: Plan
  readonly #services: Services

  constructor(plan: Plan, { services, names }: { services: Services; names: Names }) {
    super('LoadBalancer', 'load-balancer', plan)
    this.#plan = plan
    this.#services = services
    this.address = new gcp.compute.GlobalAddress('door', { name: physicalName(plan, 'door') }, this.own)
    const host = namesOf(plan).app
    names.address('door', host, this.address.address)
    const { map, proof } = this.#certificate(host, names)
    this.proof = proof
    this.urlMap = this.#routes(host)
    this.#secure(map)
    this.#redirect()
    this.registerOutputs({})
  }

  /** A certificate that renews itself, proven by a DNS record, so that it is there before the address is. */
  #certificate(
    host: string,
    names: Names,
  ): { map: gcp.certificatemanager.CertificateMap; proof: pulumi.Output<string> } {
    const authorization = new gcp.certificatemanager.DnsAuthorization('door', { domain: host }, this.own)
    const record = authorization.dnsResourceRecords.apply(([first]) => first)
    const from = record.apply(each => each?.name ?? '')
    const to = record.apply(each => each?.data ?? '')
    names.pointer('door-proof', from, to)
    const certificate = new gcp.certificatemanager.Certificate(
      'door',
      { managed: { domains: [host], dnsAuthorizations: [authorization.id] } },
      this.own,
    )
    const map = new gcp.certificatemanager.CertificateMap('door', {}, this.own)
    new gcp.certificatemanager.CertificateMapEntry(
      'door',
      { map: map.name, hostname: host, certificates: [certificate.id] },
      this.own,
    )
    return { map, proof: pulumi.interpolate`${from} CNAME ${to}` }
  }

  #routes(host: string): gcp.compute.URLMap {
    const policy = edgeRules(this.#plan, this.own)
    const routes = doorRoutes()
    const backends = Object.fromEntries(
      [...new Set(routes.map(({ service }) => service))].map(name => [name, this.#backend(rowOf(name), policy)]),
    )
    const behind = (service: string) => {
      const backend = backends[service]
      if (backend === undefined) throw new Error(`There is no backend for ${service}.`)
      return backend.id
    }
    return new gcp.compute.URLMap(
      'door',
      {
        defaultService: behind('web'),
        hostRules: [{ hosts: [host], pathMatcher: 'door' }],
        pathMatchers: [
          {
            name: 'door',
            defaultService: behind('web'),
            routeRules: routes.map(({ prefix, service }, index) => ({
              priority: index + 1,
              matchRules: [{ prefixMatch: prefix }],
              service: behind(service),
            })),
          },
        ],
      },
      this.own,
    )
  }

  #backend(row: ServiceRow, policy: gcp.compute.SecurityPolicy): gcp.compute.BackendService {
    const groups = servedRegions(this.#plan, row).map(region => this.#group(row, region))
    return new gcp.compute.BackendService(
      row.name,
      {
        loadBalancingScheme: 'EXTERNAL_MANAGED',
        protocol: 'HTTPS',
        securityPolicy: policy.id,
        backends: groups.map(group => ({ group: group.id })),
        logConfig: { enable: true, sampleRate: LOG_SHARE[this.#plan.config.tier] },
        // A region that keeps failing is left out for a while; the other one answers.
        ...(groups.length > 1
          ? {
              outlierDetection: {
                consecutiveErrors: 5,
                interval: { seconds: 10 },
                baseEjectionTime: { seconds: 60 },
                maxEjectionPercent: 50,
              },
            }
          : {}),
      },
      this.own,
    )
  }

  #group(row: ServiceRow, region: string): gcp.compute.RegionNetworkEndpointGroup {
    const service = this.#services.services[`${row.name} ${region}`]
    if (service === undefined) throw new Error(`The front door leads to ${row.name}, which does not run in ${region}.`)
    return new gcp.compute.RegionNetworkEndpointGroup(
      `${row.name}-${region}`,
      { region, networkEndpointType: 'SERVERLESS', cloudRun: { service: service.name } },
      this.own,
    )
  }

  #secure(map: gcp.certificatemanager.CertificateMap): void {
    const policy = new gcp.compute.SSLPolicy('door', { minTlsVersion: 'TLS_1_2', profile: 'MODERN' }, this.own)
    const proxy = new gcp.compute.TargetHttpsProxy(
      'door',
      {
        urlMap: this.urlMap.id,
        sslPolicy: policy.id,
        certificateMap: pulumi.interpolate`//certificatemanager.googleapis.com/${map.id}`,
      },
      this.own,
    )
    this.#listen('door-https', proxy.id, '443')
  }

  #redirect(): void {
    const map = new gcp.compute.URLMap(
      'to-https',
      { defaultUrlRedirect: { httpsRedirect: true, stripQuery: false, redirectResponseCode: 'PERMANENT_REDIRECT' } },
      this.own,
    )
    const proxy = new gcp.compute.TargetHttpProxy('to-https', { urlMap: map.id }, this.own)
    this.#listen('door-http', proxy.id, '80')
  }

  #listen(name: string, target: pulumi.Input<string>, portRange: string): void {
    new gcp.compute.GlobalForwardingRule(
      name,
      { target, portRange, ipAddress: this.address.address, loadBalancingScheme: 'EXTERNAL_MANAGED' },
      this.own,
    )
  }
}

function rowOf(name: string): ServiceRow {
  const row = SERVICES.find(each => each.name === name)
  if (row === undefined || !row.public) throw new Error(`The front door leads to ${name}, which is not public.`)
  return row
}
