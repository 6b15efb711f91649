import type { GraphResource } from '#infra/resource-graph.ts'
import type { Answer } from './offline-engine.ts'
import { nestedOutputs } from './nested-outputs.ts'
import { resourceProperties } from './resource-properties.ts'

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
      ...nestedOutputs(resource.type, symbol),
    },
  }
}
