import * as pulumi from '@pulumi/pulumi'
import type { InfraConfig } from './config.ts'
import type { Sizing } from './sizing.ts'

/** What every component is told. */
export type Plan = { config: InfraConfig; sizing: Sizing }

/** One capability of the platform: a named group of resources in the tree. */
export abstract class Component extends pulumi.ComponentResource {
  /** Options of everything the component makes. */
  protected readonly own: pulumi.CustomResourceOptions
  /** Options of what must not be lost: protected in prod. */
  protected readonly kept: pulumi.CustomResourceOptions

  constructor(capability: string, name: string, plan: Plan, options: pulumi.ComponentResourceOptions = {}) {
    super(`showreel:infra:${capability}`, name, {}, options)
    this.own = { parent: this }
    this.kept = { parent: this, protect: plan.sizing.protect }
  }
}

/** A physical name clients use: the product, the stack, the thing. */
export function physicalName({ config }: Plan, thing: string): string {
  return `showreel-${config.stack}-${thing}`
}
