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

/** Of a resource's outputs those that are lists of records, filled with the symbols that the caller has for values. */
export function nestedOutputs(type: string, symbol: (property: string) => string): Record<string, unknown> {
  return NESTED[type]?.(symbol) ?? {}
}
