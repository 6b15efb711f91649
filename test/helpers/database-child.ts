import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { pgliteDatabase } from '#shared/ports/database/pglite-database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'

/**
 * A process that owns a database directory until it is killed: it writes numbered rows, in transactions of two and alone, and
 * prints each number once the write is acknowledged.
 */
async function main(directory: string, templates: string, first: number): Promise<void> {
  const database = await pgliteDatabase({ directory, templates, migrations: loadMigrations() })
  process.stdout.write('open\n')
  const row = (number: number, consumer: string) =>
    plainSql('inbox.add', 'INSERT INTO inbox (event_key, consumer) VALUES ($1, $2)', [`row-${number}`, consumer])
  for (let number = first; ; number += 1) {
    if (number % 2 === 0) {
      await database.transaction(async tx => {
        await tx.write(row(number, 'one'))
        await tx.write(row(number, 'two'))
      })
    } else {
      await database.execute(row(number, 'one'))
    }
    process.stdout.write(`${number}\n`)
  }
}

const [directory = '', templates = '', first = '0'] = process.argv.slice(2)
await main(directory, templates, Number(first))
