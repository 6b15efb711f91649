import { describe, expect, test } from 'vitest'
import type { Change, ChangeFeed } from '#shared/ports/change-feed/change-feed.ts'
import { spannerChangeFeed } from '#shared/ports/change-feed/spanner-change-feed.ts'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import type { SpannerDatabase } from '#shared/ports/database/spanner-database.ts'
import type { TableEngine } from '#shared/ports/database/table-engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { onEveryDatabase, type OpenDatabase } from '../helpers/every-database.ts'
import { randomScript, runScript, type Story, storyOf } from '../helpers/random-script.ts'
import { sized } from '../helpers/size.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const SCRIPTS = sized({ test: 2, prove: 20, full: 500 })
const TRANSACTIONS = 60
/** The Spanner emulator does a few transactions a second on a busy machine, in ms. */
const SCRIPT_MS_MAX = 120_000
const WITHIN = { withinMs: 60_000 }

function feedOf(database: OpenDatabase): ChangeFeed {
  return 'client' in database
    ? spannerChangeFeed({ database: database as SpannerDatabase })
    : tableChangeFeed({ engine: database as unknown as TableEngine })
}

/** Adds a change to the feed's story of the database. */
function tell(story: Story, { table, kind, row }: Change): void {
  const key = table === 'streams' ? `stream ${String(row['stream_id'])}` : `events ${String(row['subject_id'])}`
  // A row that was deleted and came back in one transaction may be told as either.
  const cameBack = kind === 'insert' && (story[key]?.at(-1)?.[0] ?? 'delete') !== 'delete'
  const facts =
    table === 'streams'
      ? [cameBack ? 'update' : kind, row['state'], row['version']]
      : [kind, row['seq'], row['payload'], row['event_id']]
  ;(story[key] ??= []).push(facts)
}

describe(`one random script, the same events per key on every engine (SEED=${SEED})`, () => {
  onEveryDatabase(
    openFresh => {
      for (let script = 0; script < SCRIPTS; script += 1) {
        const seed = SEED + script
        test(`script ${seed} is told as it was written`, { timeout: SCRIPT_MS_MAX + WITHIN.withinMs }, async () => {
          await using database = await openFresh()
          const steps = randomScript(seed, TRANSACTIONS)
          const wanted = storyOf(steps)
          expect(Object.keys(wanted).length, `SEED=${seed}`).toBeGreaterThan(5)

          await runScript(database, steps)
          const stop = new AbortController()
          const story: Story = {}
          const follow = async (reader: string, tables: readonly string[]): Promise<void> => {
            await feedOf(database).follow({ reader, tables, signal: stop.signal }, async changes => {
              for (const change of changes) tell(story, change)
            })
          }
          const followed = [follow('events', ['domain_events']), follow('streams', ['streams'])]
          await eventually(
            () => story,
            told => expect(told, `SEED=${seed}`).toEqual(wanted),
            WITHIN,
          )
          stop.abort()
          await Promise.all(followed)
        })
      }
    },
    { serial: true },
  )
})
