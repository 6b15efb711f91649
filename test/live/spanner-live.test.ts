import { protos, Spanner } from '@google-cloud/spanner'
import { afterAll, describe } from 'vitest'
import { spannerChangeFeed } from '#shared/ports/change-feed/spanner-change-feed.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { loadSpannerMigrations, migrateSpanner } from '#shared/ports/database/spanner-migrations.ts'
import { changeFeedContract } from '../contracts/change-feed.contract.ts'
import { databaseContract } from '../contracts/database.contract.ts'
import { LIVE, without } from './live-settings.ts'

const { project: projectId, spannerInstance } = LIVE
const missing = projectId === '' || spannerInstance === ''
const MS_MAX = 600_000

describe.skipIf(missing)(
  `Spanner itself${missing ? without('VERIFY_GOOGLE_PROJECT', 'VERIFY_SPANNER_INSTANCE') : ''}`,
  { timeout: MS_MAX },
  () => {
    const made: string[] = []
    const open = async () => {
      const spanner = new Spanner({ projectId })
      const name = `verify-${Date.now().toString(36)}-${made.length}`
      made.push(name)
      const databaseDialect = protos.google.spanner.admin.database.v1.DatabaseDialect.POSTGRESQL
      const [database, operation] = await spanner.instance(spannerInstance).createDatabase(name, { databaseDialect })
      await operation.promise()
      await migrateSpanner(database, loadSpannerMigrations())
      await database.close()
      await spanner.close()
      return await spannerDatabase({ projectId, instance: spannerInstance, database: name })
    }
    afterAll(async () => {
      const spanner = new Spanner({ projectId })
      for (const name of made) await spanner.instance(spannerInstance).database(name).delete()
      await spanner.close()
    }, MS_MAX)

    describe('the database contract', () => {
      databaseContract(open)
    })
    describe('the change feed contract', () => {
      changeFeedContract(open, database => spannerChangeFeed({ database }), { withinMs: 60_000 })
    })
  },
)
