import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import { grant, serviceRole } from './aws-policy.ts'
import type { Plan } from './component.ts'

/** Zones of a region that are used; two, so that losing one loses no door. */
const ZONES = ['a', 'b'] as const
/** Second byte of each network's addresses at home; the other region's follows. */
const RANGES = { plane: 40, workers: 42 } as const
const HTTPS = 443

/** One region's network for machines of ours. */
export type MediaNetwork = {
  region: string
  vpc: aws.ec2.Vpc
  /** The whole network's addresses. */
  range: string
  /** One subnet a zone. */
  subnets: readonly aws.ec2.Subnet[]
}

/**
 * A network of two public subnets without a NAT gateway: machines reach registries and APIs by an address of their own,
 * S3 through a gateway endpoint that costs nothing, and nothing reaches them but what a security group lets in. What was
 * refused is logged.
 */
export function mediaNetwork(
  plan: Plan,
  what: keyof typeof RANGES,
  region: string,
  own: pulumi.CustomResourceOptions,
): MediaNetwork {
  const second = RANGES[what] + (region === plan.config.aws.home ? 0 : 1)
  const range = `10.${second}.0.0/16`
  const name = `${what}-${region}`
  const vpc = new aws.ec2.Vpc(
    name,
    { region, cidrBlock: range, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } },
    own,
  )
  const gateway = new aws.ec2.InternetGateway(name, { region, vpcId: vpc.id, tags: { Name: name } }, own)
  const routes = new aws.ec2.RouteTable(
    name,
    { region, vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }], tags: { Name: name } },
    own,
  )
  const subnets = ZONES.map((zone, index) => {
    const subnet = new aws.ec2.Subnet(
      `${name}${zone}`,
      {
        region,
        vpcId: vpc.id,
        availabilityZone: `${region}${zone}`,
        cidrBlock: `10.${second}.${index * 16}.0/20`,
        tags: { Name: `${name}${zone}` },
      },
      own,
    )
    new aws.ec2.RouteTableAssociation(`${name}${zone}`, { region, subnetId: subnet.id, routeTableId: routes.id }, own)
    return subnet
  })
  new aws.ec2.VpcEndpoint(
    `${name}-s3`,
    {
      region,
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [routes.id],
    },
    own,
  )
  // A security group nobody names must not let anything through.
  new aws.ec2.DefaultSecurityGroup(name, { region, vpcId: vpc.id, ingress: [], egress: [] }, own)
  logRefusals(plan, name, region, vpc, own)
  return { region, vpc, range, subnets }
}

function logRefusals(
  plan: Plan,
  name: string,
  region: string,
  vpc: aws.ec2.Vpc,
  own: pulumi.CustomResourceOptions,
): void {
  const logs = new aws.cloudwatch.LogGroup(`${name}-refused`, { region, retentionInDays: plan.sizing.logDays }, own)
  const role = serviceRole(`${name}-refused`, 'vpc-flow-logs.amazonaws.com', plan.config.aws.accountId, own)
  grant(
    `${name}-refused`,
    role,
    [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        Resource: logs.arn.apply(arn => `${arn}:*`),
      },
    ],
    own,
  )
  new aws.ec2.FlowLog(
    `${name}-refused`,
    { region, vpcId: vpc.id, trafficType: 'REJECT', logDestination: logs.arn, iamRoleArn: role.arn },
    own,
  )
}

/** What may come in through a security group: these ports, from these addresses or from another group. */
export type Door = {
  protocol: 'tcp' | 'udp'
  from: number
  to?: number
  source: { cidr: string } | { group: aws.ec2.SecurityGroup }
  says: string
}

/** A security group that lets in what its doors say, and out only what TLS carries and what stays in the network. */
export function closedGroup(
  name: string,
  { region, vpc, range }: MediaNetwork,
  doors: readonly Door[],
  own: pulumi.CustomResourceOptions,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    name,
    { region, vpcId: vpc.id, description: `showreel ${name}`, tags: { Name: name } },
    own,
  )
  for (const { protocol, from, to = from, source, says } of doors) {
    const origin = 'cidr' in source ? { cidrIpv4: source.cidr } : { referencedSecurityGroupId: source.group.id }
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${protocol}-${from}`,
      {
        region,
        securityGroupId: group.id,
        description: says,
        ipProtocol: protocol,
        fromPort: from,
        toPort: to,
        ...origin,
      },
      own,
    )
  }
  const out = { region, securityGroupId: group.id }
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-tls`,
    {
      ...out,
      description: 'Registries and APIs',
      ipProtocol: 'tcp',
      fromPort: HTTPS,
      toPort: HTTPS,
      cidrIpv4: '0.0.0.0/0',
    },
    own,
  )
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-inside`,
    { ...out, description: 'Within the network', ipProtocol: '-1', cidrIpv4: range },
    own,
  )
  return group
}
