import type { GraphResource } from '#infra/resource-graph.ts'
import type { Answer } from '#tools/preview/offline-engine.ts'
import { nestedOutputs } from '#tools/preview/nested-outputs.ts'
import { resourceProperties } from '#tools/preview/resource-properties.ts'
import { renamedProperty, snakeCase, terraformType } from './terraform-type.ts'

/** The label of a resource in Terraform: stacks side by side in one configuration each have a prefix. */
export function terraformLabel(prefix: string, name: string): string {
  return `${prefix}__${name.replaceAll(/[^\w-]/gu, '_')}`
}

/**
 * Answers a resource of AWS with Terraform references to its own attributes, so that what is made of them stays one;
 * anything else with plain text, for Terraform's AWS provider knows nothing of it.
 */
export function terraformAnswer(prefix: string): (resource: GraphResource) => Answer {
  return resource => {
    const isAws = resource.type.startsWith('aws:')
    const type = isAws ? terraformType(resource.type) : ''
    const address = `${type}.${terraformLabel(prefix, resource.name)}`
    const symbol = (property: string) =>
      isAws
        ? `\${${address}.${renamedProperty(type, property) ?? snakeCase(property)}}`
        : `${resource.name}-${property}`
    const unknown = resourceProperties(resource.type).filter(property => resource.inputs[property] === undefined)
    return {
      id: symbol('id'),
      outputs: {
        ...Object.fromEntries(unknown.map(property => [property, symbol(property)])),
        ...(isAws ? {} : nestedOutputs(resource.type, symbol)),
        ...(type === 'aws_acm_certificate' ? { domainValidationOptions: [validation(address)] } : {}),
      },
    }
  }
}

/** The records that prove a certificate are a set in Terraform; the program reads the first. */
function validation(address: string): Record<string, string> {
  const first = `tolist(${address}.domain_validation_options)[0]`
  return {
    domainName: `\${${first}.domain_name}`,
    resourceRecordName: `\${${first}.resource_record_name}`,
    resourceRecordType: `\${${first}.resource_record_type}`,
    resourceRecordValue: `\${${first}.resource_record_value}`,
  }
}
