import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { RECORD_STREAMS } from '#infra/analytics.ts'
import { ENTITY_VIEWS, entityViewSql, eventsViewSql, exportSql } from '#infra/analytics-views.ts'
import { type GraphResource, ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { EVENT_DATA } from '#shared/domain/domain-event.ts'
import { TOPICS } from '#shared/domain/topology.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const MIGRATIONS = 'shared/ports/database/migrations'
const JOB = 'gcp:dataflow/flexTemplateJob:FlexTemplateJob'

let prod: ResourceGraph
let withMore: ResourceGraph
let dev: ResourceGraph
beforeAll(async () => {
  const more = {
    engagementPipeline: 'pipelines/engagement.yaml',
    snowflakeAccount: 'reader@elsewhere.iam.gserviceaccount.com',
  }
  prod = await stackGraph('prod')
  withMore = await stackGraph('prod', more)
  dev = await stackGraph('dev')
}, 600_000)

const named = (type: string, name: string) => ofType(prod, type).find(each => each.name === name) as GraphResource

test('every column of an analyst’s view is a field that its event has', () => {
  for (const { name, fields, born } of ENTITY_VIEWS) {
    expect(Object.keys(EVENT_DATA)).toContain(born)
    for (const { column, event, path } of fields) {
      const shape: Record<string, unknown> = EVENT_DATA[event].shape
      if (path !== undefined) expect(Object.keys(shape), `${name}.${column}`).toContain(path)
    }
    expect(new Set(fields.map(({ column }) => column)).size, name).toBe(fields.length)
  }
})

test('a view has a row per thing, with the day it was born, and no synthetic show', () => {
  const [streams] = ENTITY_VIEWS
  const sql = entityViewSql(streams as (typeof ENTITY_VIEWS)[number], 'p.d.events')
  expect(sql).toContain("subject AS stream_id,\n  DATE(MIN(IF(type = 'stream.started', at, NULL))) AS day,")
  expect(sql).toContain("FROM `p.d.events`\nWHERE class = 'real' AND type IN ('stream.started', 'stream.ended',")
  expect(sql).toContain('GROUP BY subject')
  expect(sql.split('(').length).toBe(sql.split(')').length)
})

test('an event the bus brought twice is one row', () => {
  expect(eventsViewSql('p.d.t')).toContain("PARTITION BY JSON_VALUE(data, '$.id') ORDER BY publish_time) = 1")
})

test('an export of a day writes the same files when it runs again, without columns Parquet cannot hold', () => {
  const sql = exportSql('p.analyst.streams', 'exports', 'streams')
  expect(sql).toContain("uri = 'gs://exports/parquet/streams/day=%t/*.parquet'")
  expect(sql).toContain('overwrite = true')
  expect(sql.match(/%t/gu)).toHaveLength(2)
  const exports = ofType(prod, 'gcp:bigquery/dataTransferConfig:DataTransferConfig')
  expect(exports.map(({ name }) => name)).toEqual(ENTITY_VIEWS.map(({ name }) => `export-${name}`))
})

test('every domain topic is written to the table of events, by the bus itself', () => {
  const wanted = TOPICS.map(({ name }) => name).filter(name => !['provider-events', 'media-events'].includes(name))
  for (const topic of wanted) {
    const { inputs } = named('gcp:pubsub/subscription:Subscription', `warehouse--${topic}`)
    expect(inputs).toMatchObject({
      topic,
      bigqueryConfig: { table: expect.stringContaining('.domain_events') as string, writeMetadata: true },
      deadLetterPolicy: { deadLetterTopic: '${Topic.warehouse--dead.id}' },
    })
  }
})

test('the bus may write to the table before its subscription asks to', () => {
  const { dependencies } = named('gcp:pubsub/subscription:Subscription', 'warehouse--streams')
  expect(dependencies.join(' ')).toContain('DatasetIamMember::bus-writes')
  expect(dependencies.join(' ')).toContain('TopicIAMMember::warehouse--dead')
})

test('a pipeline follows every change stream of the schema but the one the bus is fed from', () => {
  const text = readdirSync(MIGRATIONS).map(file => readFileSync(`${MIGRATIONS}/${file}`, 'utf8'))
  const streams = [...text.join('\n').matchAll(/^CREATE CHANGE STREAM (\w+)/gmu)].map(([, name = '']) => name)
  expect([...RECORD_STREAMS].toSorted()).toEqual(streams.filter(name => name !== 'events_out').toSorted())
  const followed = ofType(prod, JOB).map(({ inputs }) => inputs['parameters'] as Record<string, string>)
  expect(followed.flatMap(({ spannerChangeStreamName: name }) => name ?? [])).toEqual([...RECORD_STREAMS])
})

test('the engagement pipeline runs once the config names its YAML, and Snowflake reads the exports alone', () => {
  const engagement = ofType(withMore, JOB).find(({ name }) => name === 'engagement')
  expect(engagement?.inputs['parameters']).toEqual({
    yamlPipelineFile: 'gs://showreel-prod-pipelines/pipelines/engagement.yaml',
  })
  const readers = withMore.resources.filter(({ inputs: { member } }) => String(member).includes('reader@elsewhere'))
  expect(new Set(readers.map(each => each.inputs['bucket']))).toEqual(new Set(['showreel-prod-exports']))
})

test('dev has the table and the views, and no pipeline that bills while idle', () => {
  expect(ofType(dev, JOB)).toEqual([])
  const views = ofType(dev, 'gcp:bigquery/table:Table').filter(({ inputs }) => inputs['view'] !== undefined)
  expect(views.map(({ name }) => name).toSorted()).toEqual(['clips', 'events', 'streams'])
})

test('of the pipelines’ place only what a run leaves behind expires: their own descriptions stay', () => {
  const bucket = ofType(prod, 'gcp:storage/bucket:Bucket').find(({ name }) => name === 'pipelines')
  expect(bucket?.inputs['lifecycleRules']).toEqual([
    { action: { type: 'Delete' }, condition: { age: 7, matchesPrefixes: ['temp/', 'staging/'] } },
  ])
})
