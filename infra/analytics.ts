import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import type { AnalyticsEvents } from './analytics-events.ts'
import { ENTITY_VIEWS, exportSql } from './analytics-views.ts'
import { Component, physicalName, type Plan } from './component.ts'
import type { Data } from './data.ts'
import type { Network } from './network.ts'

/** Change streams whose rows become tables; the one of events feeds the bus instead. */
export const RECORD_STREAMS = ['catalog_out', 'clips_out'] as const
/** How long exported files are kept here; who wants them longer copies them. */
const EXPORT_DAYS = 400
/** Days the pipelines' own scratch files live; what they are made of stays. */
const SCRATCH_DAYS = 7
const SCRATCH_PREFIXES = ['temp/', 'staging/']
const RETRY_MINUTES = '10'
const WORKERS_MAX = 4
/** What Dataflow's workers say to each other; Dataflow, "Firewall rules". */
const WORKER_PORTS = '12345-12346'
const WORKER_TAG = 'dataflow'
const JOB_ROLES = ['roles/dataflow.worker', 'roles/bigquery.jobUser', 'roles/monitoring.metricWriter'] as const

/** The warehouse: rows beside events, the engagement pipeline's place, and Parquet for whoever works elsewhere. */
export class Analytics extends Component {
  readonly exports: gcp.storage.Bucket
  readonly #plan: Plan
  readonly #account: gcp.serviceaccount.Account
  readonly #scratch: gcp.storage.Bucket

  constructor(plan: Plan, { events, data, network }: { events: AnalyticsEvents; data: Data; network: Network }) {
    super('Analytics', 'analytics', plan)
    this.#plan = plan
    this.#account = this.#identity()
    this.exports = this.#bucket('exports', { age: EXPORT_DAYS }, plan.sizing.protect)
    this.#scratch = this.#bucket('pipelines', { age: SCRATCH_DAYS, matchesPrefixes: SCRATCH_PREFIXES }, false)
    this.#exportDaily(events)
    this.#letSnowflakeRead()
    if (plan.config.stage === 'full' && plan.config.features.warehouse) {
      this.#firewall(network)
      this.#rows(data, network)
      this.#engagement(network)
    }
    this.registerOutputs({})
  }

  #identity(): gcp.serviceaccount.Account {
    const { config } = this.#plan
    const account = new gcp.serviceaccount.Account(
      'warehouse',
      { accountId: `${config.stack}-warehouse`, displayName: `Showreel warehouse (${config.stack})` },
      this.own,
    )
    for (const role of JOB_ROLES) {
      new gcp.projects.IAMMember(
        `warehouse-${role.split('/')[1] ?? role}`,
        { project: config.gcp.project, role, member: account.member },
        this.own,
      )
    }
    // Scheduled queries run as this account; the service that starts them mints its token.
    new gcp.serviceaccount.IAMMember(
      'schedule-mints-warehouse-token',
      {
        serviceAccountId: account.name,
        role: 'roles/iam.serviceAccountTokenCreator',
        member: `serviceAccount:service-${config.gcp.projectNumber}@gcp-sa-bigquerydatatransfer.iam.gserviceaccount.com`,
      },
      this.own,
    )
    return account
  }

  #bucket(thing: string, expires: { age: number; matchesPrefixes?: string[] }, kept: boolean): gcp.storage.Bucket {
    const bucket = new gcp.storage.Bucket(
      thing,
      {
        name: physicalName(this.#plan, thing),
        location: this.#plan.config.gcp.home,
        uniformBucketLevelAccess: true,
        publicAccessPrevention: 'enforced',
        lifecycleRules: [{ action: { type: 'Delete' }, condition: expires }],
        forceDestroy: !kept,
      },
      kept ? this.kept : this.own,
    )
    new gcp.storage.BucketIAMMember(
      `warehouse-${thing}`,
      { bucket: bucket.name, role: 'roles/storage.objectUser', member: this.#account.member },
      this.own,
    )
    return bucket
  }

  /** Yesterday's rows as Parquet, every night. */
  #exportDaily({ views, analyst }: AnalyticsEvents): void {
    const reads = new gcp.bigquery.DatasetIamMember(
      'warehouse-reads',
      { datasetId: analyst.datasetId, role: 'roles/bigquery.dataViewer', member: this.#account.member },
      this.own,
    )
    for (const { name } of ENTITY_VIEWS) {
      const query = pulumi
        .all([views[name] ?? pulumi.output(''), this.exports.name])
        .apply(([view, bucket]) => exportSql(view, bucket, name))
      new gcp.bigquery.DataTransferConfig(
        `export-${name}`,
        {
          displayName: `Parquet of ${name}`,
          dataSourceId: 'scheduled_query',
          location: this.#plan.config.gcp.home,
          schedule: 'every day 02:30',
          serviceAccountName: this.#account.email,
          params: { query },
        },
        { ...this.own, dependsOn: reads },
      )
    }
  }

  /** A storage integration of Snowflake reads the exports; nothing is given to it but that. */
  #letSnowflakeRead(): void {
    const { snowflakeAccount } = this.#plan.config.features
    if (snowflakeAccount === undefined) return
    for (const role of ['roles/storage.objectViewer', 'roles/storage.legacyBucketReader']) {
      new gcp.storage.BucketIAMMember(
        `snowflake-${role.split('.')[1] ?? role}`,
        { bucket: this.exports.name, role, member: `serviceAccount:${snowflakeAccount}` },
        this.own,
      )
    }
  }

  #firewall(network: Network): void {
    new gcp.compute.Firewall(
      'dataflow',
      {
        network: network.network.id,
        direction: 'INGRESS',
        sourceTags: [WORKER_TAG],
        targetTags: [WORKER_TAG],
        allows: [{ protocol: 'tcp', ports: [WORKER_PORTS] }],
      },
      this.own,
    )
  }

  /** Rows of the system of record as tables, a job per change stream; these jobs are cancelled, never drained. */
  #rows(data: Data, network: Network): void {
    const records = new gcp.bigquery.Dataset(
      'records',
      {
        datasetId: `showreel_${this.#plan.config.stack}_records`,
        location: this.#plan.config.gcp.home,
        description: 'Changes of rows, as the system of record committed them.',
        deleteContentsOnDestroy: !this.#plan.sizing.protect,
      },
      this.kept,
    )
    const positions = new gcp.spanner.Database(
      'positions',
      {
        name: 'change-stream-positions',
        instance: data.instance.name,
        databaseDialect: 'POSTGRESQL',
        deletionProtection: this.#plan.sizing.protect,
      },
      this.kept,
    )
    const granted = this.#letReadRows(data, records, positions)
    for (const stream of RECORD_STREAMS) {
      this.#job(
        stream.replaceAll('_', '-'),
        'Spanner_Change_Streams_to_BigQuery',
        {
          spannerInstanceId: data.instance.name,
          spannerDatabase: data.database.name,
          spannerMetadataInstanceId: data.instance.name,
          spannerMetadataDatabase: positions.name,
          spannerChangeStreamName: stream,
          bigQueryDataset: records.datasetId,
          deadLetterQueueDirectory: pulumi.interpolate`gs://${this.#scratch.name}/dead/${stream}`,
          dlqRetryMinutes: RETRY_MINUTES,
          useStorageWriteApi: 'true',
        },
        network,
        granted,
      )
    }
  }

  #letReadRows(data: Data, records: gcp.bigquery.Dataset, positions: gcp.spanner.Database): pulumi.Resource[] {
    const { member } = this.#account
    const may = (name: string, database: pulumi.Output<string>, role: string) =>
      new gcp.spanner.DatabaseIAMMember(name, { instance: data.instance.name, database, role, member }, this.own)
    return [
      may('warehouse-rows', data.database.name, 'roles/spanner.databaseReader'),
      may('warehouse-positions', positions.name, 'roles/spanner.databaseUser'),
      new gcp.bigquery.DatasetIamMember(
        'warehouse-writes',
        { datasetId: records.datasetId, role: 'roles/bigquery.dataEditor', member },
        this.own,
      ),
    ]
  }

  /** Where the engagement pipeline runs once its YAML lies in the bucket and the config names it. */
  #engagement(network: Network): void {
    const { engagementPipeline } = this.#plan.config.features
    if (engagementPipeline === undefined) return
    const yamlPipelineFile = pulumi.interpolate`gs://${this.#scratch.name}/${engagementPipeline}`
    this.#job('engagement', 'Yaml_Template', { yamlPipelineFile }, network, [])
  }

  #job(
    name: string,
    template: string,
    parameters: Record<string, pulumi.Input<string>>,
    network: Network,
    dependsOn: pulumi.Resource[],
  ): void {
    const { gcp: google, dataflowTemplates } = this.#plan.config
    new gcp.dataflow.FlexTemplateJob(
      name,
      {
        name: physicalName(this.#plan, name),
        region: google.home,
        containerSpecGcsPath: `gs://dataflow-templates-${google.home}/${dataflowTemplates}/flex/${template}`,
        parameters,
        serviceAccountEmail: this.#account.email,
        network: network.network.name,
        subnetwork: network.subnet(google.home).selfLink,
        ipConfiguration: 'WORKER_IP_PRIVATE',
        enableStreamingEngine: true,
        maxWorkers: WORKERS_MAX,
        tempLocation: pulumi.interpolate`gs://${this.#scratch.name}/temp`,
        stagingLocation: pulumi.interpolate`gs://${this.#scratch.name}/staging`,
        onDelete: 'cancel',
        skipWaitOnJobTermination: true,
      },
      { ...this.own, dependsOn },
    )
  }
}
