import * as gcp from '@pulumi/gcp'
import type * as pulumi from '@pulumi/pulumi'
import { type Queue, QUEUES } from '#shared/domain/topology.ts'
import { googleServices } from './identity.ts'
import type { Identity } from './identity.ts'
import { Component, physicalName, type Plan } from './component.ts'
import type { Network } from './network.ts'

const DAY_S = 86_400
/** Doublings before the back-off stops growing; the queue's own maximum bounds it earlier. */
const DOUBLINGS = 16

/** Queues whose jobs the service itself runs; a worker's queues are in encode.ts. */
function serviceQueues(): Queue[] {
  return (QUEUES as readonly Queue[]).filter(({ runner }) => runner === 'service')
}

/** The system of record, the queues that wake services, and the cache. */
export class Data extends Component {
  readonly instance: gcp.spanner.Instance
  readonly database: gcp.spanner.Database
  readonly queues: Readonly<Record<string, gcp.cloudtasks.Queue>>
  /** `host` and `port` of the cache; undefined where the stack has none. */
  readonly cache: gcp.memorystore.Instance | undefined
  readonly #plan: Plan

  constructor(plan: Plan, identity: Identity, network: Network) {
    super('Data', 'data', plan)
    this.#plan = plan
    this.instance = this.#spannerInstance()
    this.database = this.#spannerDatabase()
    this.#backups()
    this.#letServicesIn(identity)
    this.queues = Object.fromEntries(serviceQueues().map(queue => [queue.name, this.#taskQueue(queue, identity)]))
    this.cache = plan.config.features.redis ? this.#valkey(network) : undefined
    this.registerOutputs({})
  }

  #spannerInstance(): gcp.spanner.Instance {
    const { config, sizing } = this.#plan
    const size =
      'processingUnits' in sizing.spanner
        ? { processingUnits: sizing.spanner.processingUnits }
        : {
            autoscalingConfig: {
              autoscalingLimits: {
                minProcessingUnits: sizing.spanner.processingUnitsMin,
                maxProcessingUnits: sizing.spanner.processingUnitsMax,
              },
              autoscalingTargets: { highPriorityCpuUtilizationPercent: 65, storageUtilizationPercent: 90 },
            },
          }
    return new gcp.spanner.Instance(
      'records',
      {
        name: physicalName(this.#plan, 'records'),
        config: `regional-${config.gcp.home}`,
        displayName: `Showreel ${config.stack}`,
        edition: 'STANDARD',
        defaultBackupScheduleType: 'NONE',
        forceDestroy: false,
        ...size,
      },
      this.kept,
    )
  }

  /** No DDL here: an edited earlier statement would replace the database. The `migrate` job owns the schema. */
  #spannerDatabase(): gcp.spanner.Database {
    return new gcp.spanner.Database(
      'showreel',
      {
        name: 'showreel',
        instance: this.instance.name,
        databaseDialect: 'POSTGRESQL',
        versionRetentionPeriod: '7d',
        enableDropProtection: this.#plan.sizing.protect,
        deletionProtection: this.#plan.sizing.protect,
      },
      this.kept,
    )
  }

  #backups(): void {
    new gcp.spanner.BackupSchedule(
      'daily',
      {
        name: 'daily',
        instance: this.instance.name,
        database: this.database.name,
        retentionDuration: `${this.#plan.sizing.backupDays * DAY_S}s`,
        spec: { cronSpec: { text: '0 9 * * *' } },
        fullBackupSpec: {},
      },
      this.own,
    )
  }

  #letServicesIn(identity: Identity): void {
    for (const { name, uses } of googleServices()) {
      if (!uses.includes('database')) continue
      new gcp.spanner.DatabaseIAMMember(
        name,
        {
          instance: this.instance.name,
          database: this.database.name,
          role: name === 'migrate' ? 'roles/spanner.databaseAdmin' : 'roles/spanner.databaseUser',
          member: identity.account(name).member,
        },
        this.own,
      )
    }
  }

  #taskQueue(queue: Queue, identity: Identity): gcp.cloudtasks.Queue {
    const made = new gcp.cloudtasks.Queue(
      queue.name,
      {
        name: queue.name,
        location: this.#plan.config.gcp.home,
        rateLimits: { maxDispatchesPerSecond: queue.maxPerSecond, maxConcurrentDispatches: queue.maxConcurrent },
        retryConfig: {
          maxAttempts: queue.attempts,
          minBackoff: `${queue.backoffMinS}s`,
          maxBackoff: `${queue.backoffMaxS}s`,
          maxDoublings: DOUBLINGS,
        },
        stackdriverLoggingConfig: { samplingRatio: 1 },
      },
      this.own,
    )
    const { account } = { account: identity.account(queue.service) }
    const place = { location: made.location, name: made.name }
    new gcp.cloudtasks.QueueIamMember(
      `${queue.name}-waker`,
      { ...place, role: 'roles/cloudtasks.enqueuer', member: account.member },
      this.own,
    )
    return made
  }

  #valkey(network: Network): gcp.memorystore.Instance {
    const { config, sizing } = this.#plan
    const policy = new gcp.networkconnectivity.ServiceConnectionPolicy(
      'cache',
      {
        name: physicalName(this.#plan, 'cache'),
        location: config.gcp.home,
        serviceClass: 'gcp-memorystore',
        network: network.network.id,
        pscConfig: { subnetworks: [network.subnet(config.gcp.home).id] },
      },
      this.own,
    )
    const options: pulumi.CustomResourceOptions = { ...this.own, dependsOn: policy }
    return new gcp.memorystore.Instance(
      'cache',
      {
        instanceId: physicalName(this.#plan, 'cache'),
        location: config.gcp.home,
        shardCount: 1,
        replicaCount: 1,
        nodeType: 'STANDARD_SMALL',
        mode: 'CLUSTER_DISABLED',
        engineVersion: 'VALKEY_8_0',
        authorizationMode: 'IAM_AUTH',
        transitEncryptionMode: 'SERVER_AUTHENTICATION',
        deletionProtectionEnabled: sizing.protect,
        desiredAutoCreatedEndpoints: [{ network: network.network.id, projectId: config.gcp.project }],
      },
      options,
    )
  }
}
