/** Where resources lie that name no region. */
export const DEFAULT_REGION = 'us-east-1'

/** A type expression of Terraform: `"string"` or `["list", "string"]`, `["object", {…}]`. */
export type TypeExpression = string | [string, TypeExpression | Record<string, TypeExpression>]

export type SchemaBlock = {
  attributes?: Record<string, { type?: TypeExpression; required?: boolean; optional?: boolean; computed?: boolean }>
  block_types?: Record<string, { nesting_mode: string; max_items?: number; block: SchemaBlock }>
}

/** What the provider takes, by resource type. */
export type ProviderSchema = Readonly<Record<string, { block: SchemaBlock }>>

const PLURALS: readonly [RegExp, string][] = [
  [/y$/u, 'ies'],
  [/(?:s|x|ch|sh)$/u, '$&es'],
  [/$/u, 's'],
]

function plural(word: string): string {
  const [pattern, ending] = PLURALS.find(([each]) => each.test(word)) ?? [/$/u, 's']
  return word.replace(pattern, ending)
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/gu, (_, letter: string) => letter.toUpperCase())
}

/** Terraform's name of a property in a block: as it is, or in the singular where Pulumi counts; undefined when it has none. */
export function schemaName(block: SchemaBlock, property: string): string | undefined {
  const names = [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})]
  return names.find(name => camelCase(name) === property) ?? names.find(name => plural(camelCase(name)) === property)
}
