import { protos, Spanner } from '@google-cloud/spanner'
import { type SpannerOptions } from '#shared/ports/database/spanner-database.ts'
import { loadSpannerMigrations, migrateSpanner } from '#shared/ports/database/spanner-migrations.ts'
import { type EmulatorProcess, type EmulatorSpec, startEmulator } from './emulator-process.ts'
import { spannerEmulator } from './spanner-emulator.ts'

const PROJECT = 'showreel-emulated'
const INSTANCE = 'showreel'

/** A Spanner emulator with an instance, and databases made on it. */
export type SpannerDatabases = AsyncDisposable & {
  readonly emulator: EmulatorProcess
  /** What a process of its own needs to speak to it. */
  readonly environment: Readonly<Record<string, string>>
  /** Makes a database with the whole schema. */
  create(name?: string): Promise<SpannerOptions>
  /** Makes one with nothing in it. */
  createEmpty(name: string): Promise<SpannerOptions>
}

/** What Google's clients read when they speak to emulators; for this process and its children. */
const ENVIRONMENT = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: 'false',
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: 'false',
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: 'false',
  METADATA_SERVER_DETECTION: 'none',
}

/** Starts an emulator, with flags of its own, that goes on dispose; the Spanner clients of this process speak to it from now on. */
export async function startSpannerDatabases(flags: readonly string[] = []): Promise<SpannerDatabases> {
  const emulator = await startEmulator(withFlags(spannerEmulator, flags))
  const environment = { ...ENVIRONMENT, SPANNER_EMULATOR_HOST: emulator.address }
  Object.assign(process.env, environment)
  const spanner = new Spanner({ projectId: PROJECT, disableBuiltInMetrics: true })
  const settings = { config: 'emulator-config', nodes: 1, displayName: INSTANCE }
  const [instance, creating] = await spanner.createInstance(INSTANCE, settings)
  await creating.promise()
  let made = 0
  const createEmpty = async (id: string) => {
    const dialect = protos.google.spanner.admin.database.v1.DatabaseDialect.POSTGRESQL
    const [database, operation] = await instance.createDatabase(id, { databaseDialect: dialect })
    await operation.promise()
    return database
  }
  return {
    emulator,
    environment,
    async create(name) {
      made += 1
      const id = name ?? `test-${made}`
      const database = await createEmpty(id)
      await migrateSpanner(database, loadSpannerMigrations())
      await database.close()
      return { projectId: PROJECT, instance: INSTANCE, database: id }
    },
    async createEmpty(id) {
      await (await createEmpty(id)).close()
      return { projectId: PROJECT, instance: INSTANCE, database: id }
    },
    async [Symbol.asyncDispose]() {
      await spanner.close()
      await emulator[Symbol.asyncDispose]()
    },
  }
}

function withFlags(spec: EmulatorSpec, flags: readonly string[]): EmulatorSpec {
  return {
    ...spec,
    command: port => {
      const command = spec.command(port)
      return command === undefined ? undefined : { ...command, args: [...command.args, ...flags] }
    },
  }
}
