import type { Policy } from './policies.ts'
import { type GraphResource, ofType, type ResourceGraph } from './resource-graph.ts'

const SUBSCRIPTION = 'gcp:pubsub/subscription:Subscription'
const ALERT = 'gcp:monitoring/alertPolicy:AlertPolicy'
const WAITING = 'pubsub.googleapis.com/subscription/num_undelivered_messages'
const DEAD_JOB = 'job.dead'

/** Rules of what tells people on Google Cloud. */
export const OBSERVABILITY_POLICIES: readonly Policy[] = [
  { name: 'every dead letter and every dead job rings', broken: silent },
  { name: 'every alert reaches somebody and names its runbook', broken: lost },
  { name: 'every month has a budget in both clouds', broken: unbudgeted },
]

type Condition = { conditionThreshold?: { filter?: string } }

function filtersOf({ inputs }: GraphResource): string[] {
  const conditions = (inputs['conditions'] ?? []) as Condition[]
  return conditions.flatMap(({ conditionThreshold }) => conditionThreshold?.filter ?? [])
}

/** Whether an alert counts what waits in a subscription, by its name or by a pattern of names. */
function watched(graph: ResourceGraph, subscription: string): boolean {
  return ofType(graph, ALERT)
    .flatMap(filtersOf)
    .filter(filter => filter.includes(WAITING))
    .some(filter => {
      const exact = /subscription_id = "([^"]+)"/u.exec(filter)?.[1]
      const pattern = /subscription_id = monitoring\.regex\.full_match\("([^"]+)"\)/u.exec(filter)?.[1]
      return exact === subscription || (pattern !== undefined && new RegExp(`^(?:${pattern})$`, 'u').test(subscription))
    })
}

function silent(graph: ResourceGraph): string[] {
  const subscriptions = ofType(graph, SUBSCRIPTION)
  // Nobody is pushed what lies in these; a person reads it.
  const mailboxes = subscriptions.filter(({ inputs }) => !('pushConfig' in inputs) && !('bigqueryConfig' in inputs))
  const unwatched = mailboxes
    .map(({ inputs }) => String(inputs['name']))
    .filter(name => !watched(graph, name))
    .map(name => `no alert watches ${name}`)
  const hears = subscriptions.some(
    ({ inputs }) => String(inputs['filter']).includes(DEAD_JOB) && !('pushConfig' in inputs),
  )
  return hears ? unwatched : [...unwatched, `nobody is told of ${DEAD_JOB}`]
}

function lost(graph: ResourceGraph): string[] {
  return ofType(graph, ALERT).flatMap(({ name, inputs }) => {
    const channels = (inputs['notificationChannels'] ?? []) as unknown[]
    const { content = '' } = (inputs['documentation'] ?? {}) as { content?: string }
    return [
      ...(channels.length === 0 ? [`alert ${name} reaches nobody`] : []),
      ...(/docs\/runbooks\/[\w-]+\.md/u.test(content) ? [] : [`alert ${name} names no runbook`]),
    ]
  })
}

function unbudgeted(graph: ResourceGraph): string[] {
  return ['gcp:billing/budget:Budget', 'aws:budgets/budget:Budget']
    .filter(type => ofType(graph, type).length === 0)
    .map(type => `there is no ${type}`)
}
