import type { Policy } from './policies.ts'
import { ofType, type ResourceGraph } from './resource-graph.ts'

/** Rules of buckets and warehouse on Google Cloud. */
export const ANALYTICS_POLICIES: readonly Policy[] = [
  { name: 'no bucket or dataset of Google Cloud is public, and each says how long it keeps', broken: open },
  { name: 'what the warehouse could not write is set aside', broken: unwritten },
  { name: 'pipelines run a pinned release, as their own account, without public addresses', broken: loose },
]

const PINNED = /^gs:\/\/dataflow-templates-[a-z0-9-]+\/20\d{2}-\d{2}-\d{2}-\d{2}_RC\d{2}\/flex\/\w+$/u

function open(graph: ResourceGraph): string[] {
  const buckets = ofType(graph, 'gcp:storage/bucket:Bucket').flatMap(({ name, inputs }) => [
    ...(inputs['publicAccessPrevention'] === 'enforced' ? [] : [`bucket ${name} may be made public`]),
    ...(inputs['uniformBucketLevelAccess'] === true ? [] : [`bucket ${name} has rights per object`]),
    ...(inputs['lifecycleRules'] === undefined ? [`bucket ${name} keeps for ever`] : []),
  ])
  const datasets = ofType(graph, 'gcp:bigquery/datasetAccess:DatasetAccess')
    .filter(({ inputs }) => inputs['specialGroup'] !== undefined || inputs['domain'] !== undefined)
    .map(({ name }) => `dataset access ${name} lets a whole group in`)
  const tables = ofType(graph, 'gcp:bigquery/table:Table')
    .filter(({ inputs }) => inputs['view'] === undefined)
    .filter(({ inputs }) => !JSON.stringify(inputs['timePartitioning'] ?? {}).includes('expirationMs'))
    .map(({ name }) => `table ${name} keeps for ever`)
  return [...buckets, ...datasets, ...tables]
}

function unwritten(graph: ResourceGraph): string[] {
  return ofType(graph, 'gcp:pubsub/subscription:Subscription')
    .filter(({ inputs }) => 'bigqueryConfig' in inputs && inputs['deadLetterPolicy'] === undefined)
    .map(({ name }) => `subscription ${name} has no dead letters`)
}

function loose(graph: ResourceGraph): string[] {
  return ofType(graph, 'gcp:dataflow/flexTemplateJob:FlexTemplateJob').flatMap(({ name, inputs }) => [
    ...(PINNED.test(String(inputs['containerSpecGcsPath'])) ? [] : [`pipeline ${name} runs whatever is newest`]),
    ...(inputs['serviceAccountEmail'] === undefined ? [`pipeline ${name} runs as the project's default account`] : []),
    ...(inputs['ipConfiguration'] === 'WORKER_IP_PRIVATE' ? [] : [`pipeline ${name} has public addresses`]),
    ...(inputs['maxWorkers'] === undefined ? [`pipeline ${name} has no bound on workers`] : []),
  ])
}
