import type { Policy } from './policies.ts'
import { type GraphResource, ofType, type ResourceGraph } from './resource-graph.ts'

const DIGEST = /@sha256:[0-9a-f]{64}$/u
/** Ports that strangers may knock at: RTMP, TLS, and those SRT publishers are leased. */
const OPEN_PORTS = [
  { protocol: 'tcp', from: 1_935, to: 1_935 },
  { protocol: 'tcp', from: 443, to: 443 },
  { protocol: 'udp', from: 10_000, to: 10_039 },
]
const TLS_POLICY = /^ELBSecurityPolicy-TLS13-1-2/u
/** Work that AWS gives a queue of ours, and how deep it may lie before somebody looks. */
const AGE = 'ApproximateAgeOfOldestMessage'

/** Rules of what runs and listens on AWS. */
export const MEDIA_POLICIES: readonly Policy[] = [
  { name: 'machines and tasks run by digest, logged, and keep their credentials to themselves', broken: loose },
  { name: 'strangers reach only the doors', broken: openPorts },
  { name: 'the edge and every door speak TLS 1.2 or better', broken: plain },
  { name: 'the edge signs what it asks of buckets, and checks rights on every path', broken: unsigned },
  { name: 'every queue of work rings when it is not worked off', broken: unwatchedQueues },
]

type Container = {
  name?: string
  image?: string
  readonlyRootFilesystem?: boolean
  logConfiguration?: unknown
  privileged?: boolean
}

function loose(graph: ResourceGraph): string[] {
  const tasks = ofType(graph, 'aws:ecs/taskDefinition:TaskDefinition').flatMap(({ name, inputs }) =>
    (JSON.parse(String(inputs['containerDefinitions'])) as Container[]).flatMap(container => [
      ...(DIGEST.test(container.image ?? '') ? [] : [`task ${name} runs an image without a digest: name one`]),
      ...(container.logConfiguration === undefined ? [`task ${name} has no log: set logConfiguration`] : []),
      ...(container.readonlyRootFilesystem === true
        ? []
        : [`task ${name} may write its root: set readonlyRootFilesystem`]),
      ...(container.privileged === true ? [`task ${name} is privileged: drop it`] : []),
    ]),
  )
  const machines = ofType(graph, 'aws:ec2/launchTemplate:LaunchTemplate').flatMap(({ name, inputs }) => {
    const { httpTokens, httpPutResponseHopLimit } = (inputs['metadataOptions'] ?? {}) as Record<string, unknown>
    return httpTokens === 'required' && httpPutResponseHopLimit === 1
      ? []
      : [`machines ${name} give their credentials to containers: require tokens, one hop`]
  })
  return [...tasks, ...machines]
}

function openPorts(graph: ResourceGraph): string[] {
  return ofType(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')
    .filter(({ inputs }) => String(inputs['cidrIpv4']).endsWith('/0') || inputs['cidrIpv6'] === '::/0')
    .filter(
      ({ inputs }) =>
        !OPEN_PORTS.some(
          ({ protocol, from, to }) =>
            inputs['ipProtocol'] === protocol && Number(inputs['fromPort']) >= from && Number(inputs['toPort']) <= to,
        ),
    )
    .map(({ name }) => `${name} lets strangers in: name a source, or add the port to OPEN_PORTS`)
}

type Behaviour = { viewerProtocolPolicy?: string; pathPattern?: string; functionAssociations?: { eventType: string }[] }

function behavioursOf({ inputs }: GraphResource): Behaviour[] {
  return [inputs['defaultCacheBehavior'] as Behaviour, ...((inputs['orderedCacheBehaviors'] ?? []) as Behaviour[])]
}

function plain(graph: ResourceGraph): string[] {
  const doors = ofType(graph, 'aws:lb/listener:Listener')
    .filter(
      ({ inputs }) => inputs['protocol'] === 'HTTP' || inputs['protocol'] === 'HTTPS' || inputs['protocol'] === 'TLS',
    )
    .filter(({ inputs }) => !TLS_POLICY.test(String(inputs['sslPolicy'])))
    .map(({ name }) => `listener ${name} speaks less than TLS 1.2: set sslPolicy`)
  const edges = ofType(graph, 'aws:cloudfront/distribution:Distribution').flatMap(each => {
    const { minimumProtocolVersion } = (each.inputs['viewerCertificate'] ?? {}) as Record<string, unknown>
    const open = behavioursOf(each).filter(({ viewerProtocolPolicy }) => viewerProtocolPolicy === 'allow-all')
    return [
      ...(String(minimumProtocolVersion).startsWith('TLSv1.2')
        ? []
        : [`edge ${each.name} takes old TLS: TLSv1.2_2021`]),
      ...open.map(
        ({ pathPattern }) => `edge ${each.name} answers ${pathPattern ?? '*'} without TLS: redirect-to-https`,
      ),
    ]
  })
  return [...doors, ...edges]
}

function unsigned(graph: ResourceGraph): string[] {
  return ofType(graph, 'aws:cloudfront/distribution:Distribution').flatMap(each => {
    const origins = each.inputs['origins'] as {
      originId: string
      customOriginConfig?: unknown
      originAccessControlId?: unknown
    }[]
    const unchecked = behavioursOf(each).filter(
      ({ functionAssociations = [] }) => !functionAssociations.some(({ eventType }) => eventType === 'viewer-request'),
    )
    return [
      ...origins
        .filter(
          ({ customOriginConfig, originAccessControlId }) =>
            customOriginConfig === undefined && originAccessControlId === undefined,
        )
        .map(({ originId }) => `origin ${originId} is asked unsigned: set originAccessControlId`),
      ...unchecked.map(
        ({ pathPattern }) => `${pathPattern ?? '*'} is answered unchecked: associate the token function`,
      ),
    ]
  })
}

/** Queues with a dead-letter queue are worked off by something; it may have stopped. */
function unwatchedQueues(graph: ResourceGraph): string[] {
  const watched = new Set(
    ofType(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm')
      .filter(({ inputs }) => inputs['metricName'] === AGE)
      .flatMap(({ inputDependencies }) => inputDependencies['dimensions'] ?? []),
  )
  return ofType(graph, 'aws:sqs/queue:Queue')
    .filter(({ urn, inputs }) => inputs['redrivePolicy'] !== undefined && !watched.has(urn))
    .map(({ name }) => `nobody is told when ${name} is not worked off: an alarm on ${AGE}`)
}
