import type { GraphResource } from '#infra/resource-graph.ts'
import type { Answer } from './offline-engine.ts'
import { resourceProperties } from './resource-properties.ts'

/** Outputs that are lists of records; the program reads into them. */
const NESTED: Readonly<Record<string, (symbol: (property: string) => string) => Record<string, unknown>>> = {
  'aws:acm/certificate:Certificate': symbol => ({
    domainValidationOptions: [
      {
        domainName: symbol('validation.domain'),
        resourceRecordName: symbol('validation.name'),
        resourceRecordType: 'CNAME',
        resourceRecordValue: symbol('validation.value'),
      },
    ],
  }),
  'gcp:certificatemanager/dnsAuthorization:DnsAuthorization': symbol => ({
    dnsResourceRecords: [{ name: symbol('record.name'), type: 'CNAME', data: symbol('record.data') }],
  }),
  'gcp:memorystore/instance:Instance': symbol => ({
    endpoints: [{ connections: [{ pscAutoConnection: { ipAddress: symbol('endpoint.ip') } }] }],
    managedServerCas: [{ caCerts: [{ certificates: [symbol('authority.pem')] }] }],
  }),
}

/** The reference that stands for a property nobody knows yet, e.g. `${Queue.provider-events.arn}`. */
function symbolOf(resource: Pick<GraphResource, 'type' | 'name'>, property: string): string {
  return `\${${resource.type.split(':').at(-1) ?? ''}.${resource.name}.${property}}`
}

/** Answers a resource with its own name for everything the cloud would have decided, so that text made of it can be read. */
export function symbolicAnswer(resource: GraphResource): Answer {
  const symbol = (property: string): string => symbolOf(resource, property)
  const unknown = resourceProperties(resource.type).filter(property => resource.inputs[property] === undefined)
  return {
    id: symbol('id'),
    outputs: {
      ...Object.fromEntries(unknown.map(property => [property, symbol(property)])),
      ...NESTED[resource.type]?.(symbol),
    },
  }
}
