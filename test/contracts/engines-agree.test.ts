import { describe, expect, test } from 'vitest'
import type { Change } from '#shared/ports/change-feed/change-feed.ts'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import { plainSql, type TableEngine } from '#shared/ports/database/table-engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { onEveryEngine } from '../helpers/every-engine.ts'
import { postgresMissing } from '../helpers/postgres-server.ts'
import { randomScript, runScript } from '../helpers/random-script.ts'
import { sized } from '../helpers/size.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const SCRIPTS = sized({ test: 2, prove: 20, full: 500 })
const TRANSACTIONS = 60

/** What each engine told of each script, by seed. */
const told = new Map<number, Record<string, unknown[]>[]>()

/** The change feed's whole story of the database: per row key, the kinds and the values that no clock sets. */
async function storyOf(engine: TableEngine): Promise<Record<string, unknown[]>> {
  const last = `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
                VALUES ('script', 'the-end', 1, 'e', 'script.end', now(), '{}')`
  await engine.transaction(async tx => await tx.write(plainSql('event.last', last)))
  const changes = [
    ...(await allOf(engine, ['domain_events'], 'the-end')),
    ...(await allOf(engine, ['streams'], undefined)),
  ]
  const story: Record<string, unknown[]> = {}
  for (const { table, kind, row } of changes) {
    const key = table === 'streams' ? `stream ${String(row['stream_id'])}` : `events ${String(row['subject_id'])}`
    const facts =
      table === 'streams' ? [kind, row['state'], row['version']] : [kind, row['seq'], row['payload'], row['event_id']]
    ;(story[key] ??= []).push(facts)
  }
  return story
}

async function allOf(engine: TableEngine, tables: string[], lastSubject: string | undefined): Promise<Change[]> {
  const stop = new AbortController()
  const found: Change[] = []
  const run = tableChangeFeed({ engine }).follow(
    { reader: tables.join('-'), tables, signal: stop.signal },
    async batch => {
      found.push(...batch)
    },
  )
  const left = plainSql<{ count: number }>(
    'changes.left',
    'SELECT count(*) AS count FROM changes WHERE table_name = $1',
    tables,
  )
  await eventually(
    async () => await engine.read(left),
    rows => expect(rows).toEqual([{ count: 0 }]),
  )
  stop.abort()
  await run
  if (lastSubject !== undefined) expect(found.at(-1)?.row['subject_id']).toBe(lastSubject)
  return found
}

describe(`one random script, the same events per key on every engine (SEED=${SEED})`, () => {
  onEveryEngine(openFresh => {
    for (let script = 0; script < SCRIPTS; script += 1) {
      const seed = SEED + script
      test(`script ${seed}`, async () => {
        await using engine = await openFresh()
        await runScript(engine, randomScript(seed, TRANSACTIONS))
        const story = await storyOf(engine)
        for (const [key, facts] of Object.entries(story)) {
          if (!key.startsWith('events ')) continue
          // Without a hole, whatever was rolled back.
          expect(facts.map(fact => (fact as unknown[])[1])).toEqual(facts.map((_, index) => index + 1))
        }
        told.set(seed, [...(told.get(seed) ?? []), story])
      })
    }
  })

  test.skipIf(postgresMissing() !== undefined)('they told the same', () => {
    expect(told.size).toBe(SCRIPTS)
    for (const [seed, [one, two]] of told) {
      expect(Object.keys(one ?? {}).length, `SEED=${seed}`).toBeGreaterThan(5)
      expect(two, `SEED=${seed}`).toEqual(one)
    }
  })
})
