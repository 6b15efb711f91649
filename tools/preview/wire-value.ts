import { UNKNOWN } from '#infra/resource-graph.ts'

/** Signatures of Pulumi's wire format (`@pulumi/pulumi/runtime/rpc.js`). */
const SIGNATURE = '4dabf18193072939515e22adb298388d'
const SECRET = '1b47061264138c4ac30d75fd1eb44270'
const RESOURCE = '5cf8f73096256a8f31e491e813e4eb8e'
const WIRE_UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9'

/** A value off the wire as the graph keeps it: secrets opened, references as URNs, unknown values as `UNKNOWN`. */
export function fromWire(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(WIRE_UNKNOWN, UNKNOWN)
  if (Array.isArray(value)) return value.map(fromWire)
  if (typeof value !== 'object' || value === null) return value
  const record = value as Record<string, unknown>
  if (record[SIGNATURE] === SECRET) return fromWire(record['value'])
  if (record[SIGNATURE] === RESOURCE) return record['urn']
  return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, fromWire(each)]))
}
