import { type ProviderSchema, type SchemaBlock, schemaName, type TypeExpression } from './provider-schema.ts'
import { renamedProperty } from './terraform-type.ts'

/** Ours are left as they are; what only looks like a reference is text. */
const OTHER_REFERENCE = /\$\{(?!aws_|tolist\(aws_)/gu
const DIRECTIVE = /%\{/gu

/** The inputs of one resource in Terraform's words, and the properties the provider does not know; `''` is the type itself. */
export function terraformResource(
  type: string,
  inputs: Readonly<Record<string, unknown>>,
  schema: ProviderSchema,
): { body: Record<string, unknown>; unknown: string[] } {
  const block = schema[type]?.block
  if (block === undefined) return { body: {}, unknown: [''] }
  const unknown: string[] = []
  const renamed = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [renamedProperty(type, key) ?? key, value]),
  )
  return { body: blockBody(block, renamed, property => unknown.push(property)), unknown }
}

function blockBody(
  block: SchemaBlock,
  inputs: Readonly<Record<string, unknown>>,
  lacks: (property: string) => void,
): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(inputs)) {
    if (value === undefined || value === null) continue
    const name = block.attributes?.[key] === undefined ? schemaName(block, key) : key
    const nested = name === undefined ? undefined : block.block_types?.[name]
    if (name === undefined) lacks(key)
    else if (nested === undefined) body[name] = attribute(value, block.attributes?.[name]?.type)
    else {
      body[name] = [value]
        .flat()
        .map(each => blockBody(nested.block, each as Record<string, unknown>, inner => lacks(`${key}.${inner}`)))
    }
  }
  return body
}

/** An attribute's value; a list of objects says every field, as Terraform wants it there. */
function attribute(value: unknown, type: TypeExpression | undefined): unknown {
  if (typeof value === 'string') return value.replaceAll(OTHER_REFERENCE, '$$${').replaceAll(DIRECTIVE, '%%{')
  if (!Array.isArray(type)) return value
  const [kind, inner] = type
  if (kind === 'list' || kind === 'set') return [value].flat().map(each => attribute(each, inner as TypeExpression))
  const entries = Object.entries(value as Record<string, unknown>)
  if (kind === 'map') return Object.fromEntries(entries.map(([key, each]) => [key, attribute(each, undefined)]))
  if (kind !== 'object') return value
  const fields = inner as Record<string, TypeExpression>
  const block: SchemaBlock = { attributes: Object.fromEntries(Object.keys(fields).map(field => [field, {}])) }
  const said = new Map(entries.map(([key, each]) => [schemaName(block, key) ?? key, each]))
  return Object.fromEntries(
    Object.entries(fields).map(([field, each]) => [field, said.has(field) ? attribute(said.get(field), each) : null]),
  )
}
