import * as gcp from '@pulumi/gcp'
import { Component, type Plan } from './component.ts'

const RANGES = ['10.20.0.0/20', '10.20.16.0/20'] as const

/** The private network that services leave through on their way to the cache; nothing listens in it. */
export class Network extends Component {
  readonly network: gcp.compute.Network
  readonly subnets: Readonly<Record<string, gcp.compute.Subnetwork>>

  constructor(plan: Plan) {
    super('Network', 'network', plan)
    const { gcp: google } = plan.config
    this.network = new gcp.compute.Network(
      'services',
      { autoCreateSubnetworks: false, deleteDefaultRoutesOnCreate: false, routingMode: 'GLOBAL' },
      this.own,
    )
    const regions = plan.sizing.secondRegion ? [google.home, google.pair] : [google.home]
    this.subnets = Object.fromEntries(
      regions.map((region, index) => [
        region,
        new gcp.compute.Subnetwork(
          `services-${region}`,
          {
            region,
            network: this.network.id,
            ipCidrRange: RANGES[index] ?? RANGES[0],
            privateIpGoogleAccess: true,
            logConfig: { aggregationInterval: 'INTERVAL_15_MIN', flowSampling: 0.1, metadata: 'EXCLUDE_ALL_METADATA' },
          },
          this.own,
        ),
      ]),
    )
    this.registerOutputs({})
  }

  subnet(region: string): gcp.compute.Subnetwork {
    const subnet = this.subnets[region]
    if (subnet === undefined) throw new Error(`There is no subnet in ${region}.`)
    return subnet
  }
}
