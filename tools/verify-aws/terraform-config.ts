import type { GraphResource, ResourceGraph } from '#infra/resource-graph.ts'
import { exclusionOf } from './exclusions.ts'
import { DEFAULT_REGION, type ProviderSchema } from './provider-schema.ts'
import { terraformLabel } from './terraform-answer.ts'
import { terraformResource } from './terraform-resource.ts'
import { terraformType } from './terraform-type.ts'

/** Longest of the names AWS bounds that the program leaves to Pulumi. */
const NAME_MAX = 32

/** A stack's AWS resources, prefixed, and what of them was left out. */
export type TerraformStack = {
  /** By Terraform type and label. */
  resources: Record<string, Record<string, unknown>>
  regions: ReadonlySet<string>
  /** `type` or `type.property` with the reason. */
  excluded: ReadonlyMap<string, string>
  /** What the provider does not know and no exclusion names. */
  unknown: readonly string[]
}

/** The AWS half of a graph, answered by `terraformAnswer(prefix)`, as Terraform resources. */
export function terraformStack(prefix: string, graph: ResourceGraph, schema: ProviderSchema): TerraformStack {
  const resources: Record<string, Record<string, unknown>> = {}
  const excluded = new Map<string, string>()
  const unknown = new Set<string>()
  const regions = new Set<string>()
  const ours = graph.resources.filter(({ type }) => type.startsWith('aws:'))
  const kept = new Map(
    ours.filter(({ type }) => exclusionOf(terraformType(type)) === undefined).map(each => [each.urn, each]),
  )
  for (const { type: pulumi } of ours) {
    const why = exclusionOf(terraformType(pulumi))?.why
    if (why !== undefined) excluded.set(terraformType(pulumi), why)
  }
  for (const resource of kept.values()) {
    const type = terraformType(resource.type)
    const region = resource.inputs['region']
    const elsewhere = typeof region === 'string' && region !== DEFAULT_REGION
    const place = elsewhere ? { provider: `aws.${region.replaceAll('-', '_')}` } : {}
    if (elsewhere) regions.add(region)
    resources[type] ??= {}
    resources[type][terraformLabel(prefix, resource.name)] = {
      ...named(type, resource, schema),
      ...said(type, resource, schema, { excluded, unknown }),
      ...waitsFor(prefix, resource, kept),
      ...place,
    }
  }
  return { resources, regions, excluded, unknown: [...unknown].sort() }
}

/** A resource's inputs without its region, which Terraform's provider of that region stands for. */
function said(
  type: string,
  { inputs }: GraphResource,
  schema: ProviderSchema,
  { excluded, unknown }: { excluded: Map<string, string>; unknown: Set<string> },
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(inputs)) {
    if (key === 'region') continue
    const exclusion = exclusionOf(`${type}.${key}`)
    if (exclusion !== undefined) excluded.set(`${type}.${key}`, exclusion.why)
    if (exclusion === undefined) values[key] = value
    else if (exclusion.instead !== undefined) values[key] = exclusion.instead
  }
  const { body, unknown: unsaid } = terraformResource(type, values, schema)
  for (const property of unsaid) unknown.add(property === '' ? type : `${type}.${property}`)
  return body
}

/** Pulumi names what the program leaves unnamed; Terraform wants that said. */
function named(type: string, { name }: GraphResource, schema: ProviderSchema): Record<string, string> {
  const required = Object.entries(schema[type]?.block.attributes ?? {}).filter(
    ([attribute, { required: must }]) => must === true && /(?:^|_)name$/u.test(attribute),
  )
  return Object.fromEntries(required.map(([attribute]) => [attribute, name.slice(0, NAME_MAX)]))
}

function waitsFor(
  prefix: string,
  { dependencies }: GraphResource,
  kept: ReadonlyMap<string, GraphResource>,
): { depends_on?: string[] } {
  const addresses = dependencies.flatMap(urn => {
    const found = kept.get(urn)
    return found === undefined ? [] : [`${terraformType(found.type)}.${terraformLabel(prefix, found.name)}`]
  })
  return addresses.length === 0 ? {} : { depends_on: addresses }
}
