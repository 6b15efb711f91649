import * as gcp from '@pulumi/gcp'
import { SERVICES } from '#shared/domain/service-catalogue.ts'
import { Component, physicalName, type Plan } from './component.ts'
import { googleServices, type Identity } from './identity.ts'

/** Age at which somebody is reminded to replace a secret's value, in s. */
const ROTATION = `${365 * 86_400}s`

/** A place for every secret of the catalogue, and who may read it; values are put there by people, never by the program. */
export class ServicesSecrets extends Component {
  readonly secrets: Readonly<Record<string, gcp.secretmanager.Secret>>

  constructor(plan: Plan, identity: Identity) {
    super('Secrets', 'secrets', plan)
    const names = [...new Set(SERVICES.flatMap(({ secrets }) => secrets))].sort()
    this.secrets = Object.fromEntries(names.map(name => [name, this.#secret(plan, name)]))
    for (const service of googleServices()) {
      for (const name of service.secrets) {
        const secret = this.secrets[name]
        if (secret === undefined) continue
        new gcp.secretmanager.SecretIamMember(
          `${service.name}-reads-${name}`,
          {
            secretId: secret.secretId,
            role: 'roles/secretmanager.secretAccessor',
            member: identity.account(service.name).member,
          },
          this.own,
        )
      }
    }
    this.registerOutputs({})
  }

  #secret(plan: Plan, name: string): gcp.secretmanager.Secret {
    const { home, pair } = plan.config.gcp
    return new gcp.secretmanager.Secret(
      name,
      {
        secretId: physicalName(plan, name),
        replication: { userManaged: { replicas: [{ location: home }, { location: pair }] } },
        annotations: { 'replace-after': ROTATION },
        deletionProtection: plan.sizing.protect,
      },
      this.kept,
    )
  }
}
