import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import { TOPICS } from '#shared/domain/topology.ts'
import { ENTITY_VIEWS, entityViewSql, eventsViewSql } from './analytics-views.ts'
import type { Bus } from './bus.ts'
import { Component, type Plan } from './component.ts'

/** How long events can be asked about: thirteen months, so that a month can be held against last year's. */
const EVENTS_KEPT_MS = 400 * 86_400_000
const ATTEMPTS = 5
const ACK_S = 60
/** The longest Pub/Sub keeps what could not be written, 7 days. */
const RETENTION = '604800s'
const WAREHOUSE = 'warehouse'

/** Columns Pub/Sub writes with `writeMetadata`. */
const COLUMNS = [
  { name: 'subscription_name', type: 'STRING' },
  { name: 'message_id', type: 'STRING' },
  { name: 'publish_time', type: 'TIMESTAMP' },
  { name: 'data', type: 'JSON' },
  { name: 'attributes', type: 'JSON' },
]

/** Topics analysts ask about: what the domain says, not what providers report. */
const TOLD = TOPICS.filter(({ name }) => name !== 'provider-events' && name !== 'media-events')

/** Every domain event in a table, written there by the bus itself, and views that read like tables of things. */
export class AnalyticsEvents extends Component {
  /** Full names of the views, `project.dataset.view`, by view. */
  readonly views: Readonly<Record<string, pulumi.Output<string>>>
  readonly analyst: gcp.bigquery.Dataset
  readonly #plan: Plan
  readonly #bus: Bus

  constructor(plan: Plan, bus: Bus) {
    super('AnalyticsEvents', 'events-in-warehouse', plan)
    this.#plan = plan
    this.#bus = bus
    const events = this.#dataset('events', 'What the bus said, as it came.')
    this.analyst = this.#dataset('analyst', 'What analysts read.')
    const table = this.#table(events)
    this.#feed(events, table)
    this.views = this.#views(events, table)
    this.registerOutputs({})
  }

  #dataset(name: string, description: string): gcp.bigquery.Dataset {
    return new gcp.bigquery.Dataset(
      name,
      {
        datasetId: `showreel_${this.#plan.config.stack}_${name}`,
        location: this.#plan.config.gcp.home,
        description,
        deleteContentsOnDestroy: !this.#plan.sizing.protect,
      },
      this.kept,
    )
  }

  #table(dataset: gcp.bigquery.Dataset): gcp.bigquery.Table {
    return new gcp.bigquery.Table(
      'domain-events',
      {
        datasetId: dataset.datasetId,
        tableId: 'domain_events',
        schema: JSON.stringify(COLUMNS),
        timePartitioning: { type: 'DAY', field: 'publish_time', expirationMs: EVENTS_KEPT_MS },
        deletionProtection: this.#plan.sizing.protect,
      },
      this.kept,
    )
  }

  /** A subscription per topic that writes rows; what BigQuery refuses is set aside like any other message. */
  #feed(dataset: gcp.bigquery.Dataset, table: gcp.bigquery.Table): void {
    const { member } = this.#bus.agent
    const mayWrite = new gcp.bigquery.DatasetIamMember(
      'bus-writes',
      { datasetId: dataset.datasetId, role: 'roles/bigquery.dataEditor', member },
      this.own,
    )
    const { dead, mayPublish } = this.#bus.deadLetters(WAREHOUSE)
    for (const { name } of TOLD) {
      const subscription = new gcp.pubsub.Subscription(
        `${WAREHOUSE}--${name}`,
        {
          name: `${WAREHOUSE}--${name}`,
          topic: this.#bus.topic(name).name,
          ackDeadlineSeconds: ACK_S,
          messageRetentionDuration: RETENTION,
          expirationPolicy: { ttl: '' },
          bigqueryConfig: {
            table: pulumi.interpolate`${table.project}.${table.datasetId}.${table.tableId}`,
            writeMetadata: true,
          },
          deadLetterPolicy: { deadLetterTopic: dead.id, maxDeliveryAttempts: ATTEMPTS },
        },
        { ...this.kept, dependsOn: [mayWrite, mayPublish] },
      )
      new gcp.pubsub.SubscriptionIAMMember(
        `${WAREHOUSE}--${name}-forwards-dead`,
        { subscription: subscription.name, role: 'roles/pubsub.subscriber', member },
        this.own,
      )
    }
  }

  #views(events: gcp.bigquery.Dataset, table: gcp.bigquery.Table): Record<string, pulumi.Output<string>> {
    // Analysts read the views without any right on what they are made of.
    const open = new gcp.bigquery.DatasetAccess(
      'analyst-reads-events',
      {
        datasetId: events.datasetId,
        authorizedDataset: {
          dataset: { projectId: events.project, datasetId: this.analyst.datasetId },
          targetTypes: ['VIEWS'],
        },
      },
      this.own,
    )
    const from = pulumi.interpolate`${table.project}.${table.datasetId}.${table.tableId}`
    const all = this.#view('events', 'Every event once.', from.apply(eventsViewSql), [open])
    const allName = pulumi.interpolate`${all.project}.${all.datasetId}.${all.tableId}`
    const entities = ENTITY_VIEWS.map(view => {
      const query = allName.apply(name => entityViewSql(view, name))
      const made = this.#view(view.name, view.says, query, [all])
      return [view.name, pulumi.interpolate`${made.project}.${made.datasetId}.${made.tableId}`] as const
    })
    return { events: allName, ...Object.fromEntries(entities) }
  }

  #view(
    name: string,
    description: string,
    query: pulumi.Output<string>,
    dependsOn: pulumi.Resource[],
  ): gcp.bigquery.Table {
    return new gcp.bigquery.Table(
      name,
      {
        datasetId: this.analyst.datasetId,
        tableId: name,
        description,
        view: { query, useLegacySql: false },
        deletionProtection: false,
      },
      { ...this.own, dependsOn },
    )
  }
}
