import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { loadSpannerMigrations, migrateSpanner } from '#shared/ports/database/spanner-migrations.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { migrateSettings } from './settings.ts'

process.exitCode = await cloudProcess('migrate', migrateSettings, process, async ({ settings, log, life, parts }) => {
  const { project: projectId, instance, database: name } = settings
  const database = parts.use(await spannerDatabase({ projectId, instance, database: name }))
  const ran = await migrateSpanner(database.client, loadSpannerMigrations())
  log.info({ ran }, 'the schema is the one this build was made for')
  life.end('done')
})
process.exit()
