import * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import type { ServiceRow, Use } from '#shared/domain/service-catalogue.ts'
import type { Bus } from './bus.ts'
import type { Plan } from './component.ts'
import type { Identity } from './identity.ts'

/** What every service needs to be seen: its metrics and its traces. */
const SEEN_ROLES = ['roles/monitoring.metricWriter', 'roles/cloudtrace.agent'] as const
/** Roles on the project that a use needs; what can be granted on one resource is granted there instead. */
const USE_ROLES: Readonly<Partial<Record<Use, string>>> = {
  counters: 'roles/memorystore.dbConnectionUser',
  'language-model': 'roles/aiplatform.user',
  warehouse: 'roles/bigquery.jobUser',
}

/** Lets a service do on Google Cloud what its row says, and nothing else. */
export function grantUses(
  plan: Plan,
  row: ServiceRow,
  { identity, bus }: { identity: Identity; bus: Bus },
  own: pulumi.CustomResourceOptions,
): void {
  const { member } = identity.account(row.name)
  const { project } = plan.config.gcp
  const roles = [...SEEN_ROLES, ...row.uses.flatMap(use => USE_ROLES[use] ?? [])]
  for (const role of roles) {
    new gcp.projects.IAMMember(`${row.name}-${role.split('/')[1] ?? role}`, { project, role, member }, own)
  }
  for (const name of row.publishes) {
    new gcp.pubsub.TopicIAMMember(
      `${row.name}-publishes-${name}`,
      { topic: bus.topic(name).name, role: 'roles/pubsub.publisher', member },
      own,
    )
  }
  if (row.uses.includes('wake')) {
    // A task names who it is signed as; only who may act as that account may name it.
    new gcp.serviceaccount.IAMMember(
      `${row.name}-signs-wakes`,
      { serviceAccountId: identity.account('pusher').name, role: 'roles/iam.serviceAccountUser', member },
      own,
    )
  }
}
