/** One resource as the program registered it. Values nobody can know before a deployment are `UNKNOWN`. */
export type GraphResource = {
  urn: string
  type: string
  name: string
  /** URN of the component it belongs to; empty for the stack. */
  parent: string
  /** A cloud resource; components and the stack only group. */
  custom: boolean
  protect: boolean
  inputs: Readonly<Record<string, unknown>>
  /** URNs this resource waits for. */
  dependencies: readonly string[]
  /** URNs each input was made from. */
  inputDependencies: Readonly<Record<string, readonly string[]>>
}

/** Everything one run of the program declared. */
export type ResourceGraph = {
  stack: string
  /** The stack file's values, by full key, as the program saw them. */
  config: Readonly<Record<string, string>>
  resources: readonly GraphResource[]
  /** What `pulumi stack output` would list. */
  outputs: Readonly<Record<string, unknown>>
}

/** Stands for a value that only the deployment will know. */
export const UNKNOWN = '⟨known after deployment⟩'

/** The component a resource belongs to, by name; the nearest one below the stack. */
export function componentOf(graph: ResourceGraph, resource: GraphResource): string {
  const byUrn = new Map(graph.resources.map(each => [each.urn, each]))
  let current = resource
  for (let parent = byUrn.get(current.parent); parent !== undefined; parent = byUrn.get(current.parent)) {
    if (parent.type === 'pulumi:pulumi:Stack') return current.name
    current = parent
  }
  return current.name
}

/** The resources of one type, in the order they were declared. */
export function ofType(graph: ResourceGraph, type: string): GraphResource[] {
  return graph.resources.filter(resource => resource.type === type)
}
