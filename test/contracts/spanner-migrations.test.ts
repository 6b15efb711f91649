import { Spanner } from '@google-cloud/spanner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSpannerMigrations, migrateSpanner } from '#shared/ports/database/spanner-migrations.ts'
import { missingEmulator } from '../helpers/emulators/emulator-process.ts'
import { type SpannerDatabases, startSpannerDatabases } from '../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'

const missing = missingEmulator(spannerEmulator)

describe.skipIf(missing !== undefined)(`migrations on spanner${missing === undefined ? '' : `: ${missing}`}`, () => {
  let databases: SpannerDatabases
  beforeAll(async () => {
    databases = await startSpannerDatabases()
  })
  afterAll(async () => {
    await databases[Symbol.asyncDispose]()
  })
  const open = async () => {
    const { projectId, instance, database } = await databases.create()
    const spanner = new Spanner({ projectId, disableBuiltInMetrics: true })
    return { spanner, client: spanner.instance(instance).database(database) }
  }

  test('each runs once, ever', async () => {
    const { spanner, client } = await open()
    expect(await migrateSpanner(client, loadSpannerMigrations())).toBe(0)
    await client.close()
    await spanner.close()
  })

  test('one that broke off is taken up again', async () => {
    const { spanner, client } = await open()
    const [operation] = await client.updateSchema(['CREATE TABLE half (a varchar(9) NOT NULL, PRIMARY KEY (a))'])
    await operation.promise()
    const whole = [
      'CREATE TABLE half (a varchar(9) NOT NULL, PRIMARY KEY (a))',
      'ALTER TABLE half ADD COLUMN b bigint',
      'CREATE INDEX half_by_b ON half (b)',
    ]
    expect(await migrateSpanner(client, [{ name: 'half', checksum: 'c', statements: whole }])).toBe(1)
    const [rows] = await client.run('SELECT b FROM half')
    expect(rows).toEqual([])
    await client.close()
    await spanner.close()
  })

  test('one that was edited after it ran is refused', async () => {
    const { spanner, client } = await open()
    const [first] = loadSpannerMigrations()
    const edited = { name: first?.name ?? '', checksum: 'another', statements: [] }
    await expect(migrateSpanner(client, [edited])).rejects.toThrow('add a new one')
    await client.close()
    await spanner.close()
  })
})
