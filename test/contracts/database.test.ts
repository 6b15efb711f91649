import { globSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
// The adapters under test: pglite-database.ts, postgres-database.ts and spanner-database.ts, through every-database.ts.
import { namedQueries } from '#shared/ports/database/named-query.ts'
import { onEveryDatabase, type OpenDatabase } from '../helpers/every-database.ts'
import { onEveryEngine } from '../helpers/every-engine.ts'
import { databaseContract, tableEngineContract } from './database.contract.ts'

/** The modules that declare queries, wherever they are. */
const declaring = globSync(['run-services/**/*.ts', 'functions/**/*.ts', 'shared/**/*.ts'], {
  exclude: ['**/*.test.ts'],
}).filter(path => /=\s*namedQuery\(/.test(readFileSync(path, 'utf8')))

onEveryDatabase(openFresh => {
  describe('the database contract', () => {
    databaseContract(openFresh)
  })

  describe('the named queries', () => {
    let database: OpenDatabase
    beforeAll(async () => {
      database = await openFresh()
      for (const path of declaring) await import(pathToFileURL(path).href)
    })
    afterAll(async () => {
      await database[Symbol.asyncDispose]()
    })

    test('every one is accepted with its sample', async () => {
      const queries = namedQueries()
      expect(queries.length).toBeGreaterThanOrEqual(declaring.length)
      const refused: string[] = []
      for (const query of queries) {
        const statement = query(...query.sample)
        await database
          .transaction(async tx => {
            await tx.write(statement)
            throw new Accepted()
          })
          .catch((error: unknown) => {
            // A sample may refer to rows that are not there; what must not happen is that the engine refuses the text.
            const kind = error instanceof Accepted ? 'accepted' : (error as { kind?: string }).kind
            if (kind !== 'accepted' && kind !== 'missing') refused.push(`${query.queryName}: ${String(error)}`)
          })
      }
      expect(refused).toEqual([])
    })
  })
})

onEveryEngine(openFresh => {
  describe('the table engine contract', () => {
    tableEngineContract(openFresh)
  })
})

class Accepted extends Error {}
