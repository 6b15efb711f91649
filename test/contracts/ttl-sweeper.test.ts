import { expect, test } from 'vitest'
import { rfc3339 } from '#shared/domain/clock.ts'
import { loadMigrations } from '#shared/ports/database/load-migrations.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { ttlSweeper } from '#shared/ports/database/ttl-sweeper.ts'
import { eventually } from '../helpers/eventually.ts'
import { onEveryEngine } from '../helpers/every-engine.ts'

const DAY_MS = 86_400_000
const rules = loadMigrations().ttl

onEveryEngine(openFresh => {
  test('rows go once their time has passed, in batches, and never before', async () => {
    await using engine = await openFresh()
    const startMs = Date.now()
    await engine.execute(
      plainSql(
        'inbox.fill',
        `INSERT INTO inbox (event_key, consumer, handled_at)
         SELECT 'old-' || i, 'c', $1::timestamptz FROM generate_series(1, 1300) i`,
        [rfc3339(startMs - 15 * DAY_MS)],
      ),
    )
    const young = `INSERT INTO inbox (event_key, consumer, handled_at) VALUES ('young', 'c', $1)`
    await engine.execute(plainSql('inbox.young', young, [rfc3339(startMs - 13 * DAY_MS)]))
    await engine.execute(
      plainSql(
        'job.add',
        `INSERT INTO jobs (job_id, kind, subject_id, state, input) VALUES ('j', 'k', 's', 'done', '{}')`,
      ),
    )
    let nowMs = startMs
    const sweeper = ttlSweeper({ engine, rules, now: () => nowMs })
    expect(await sweeper.sweep()).toBe(1300)
    expect(await sweeper.sweep()).toBe(0)
    nowMs += 2 * DAY_MS
    expect(await sweeper.sweep()).toBe(1)
    // A null never expires.
    expect(await engine.read(plainSql('jobs', 'SELECT job_id FROM jobs'))).toHaveLength(1)
  })

  test('changes nobody reads go after the retention of their stream', async () => {
    await using engine = await openFresh()
    const add = `INSERT INTO creators (creator_id, handle, display_name) VALUES ('c', 'h', 'n')`
    await engine.transaction(async tx => await tx.write(plainSql('creator.add', add)))
    let nowMs = Date.now()
    const sweeper = ttlSweeper({ engine, rules, now: () => nowMs })
    const changes = plainSql('changes', 'SELECT table_name FROM changes')
    await sweeper.sweep()
    expect(await engine.read(changes)).toEqual([{ table_name: 'creators' }])
    nowMs += 4 * DAY_MS
    await sweeper.sweep()
    expect(await engine.read(changes)).toEqual([])
  })

  test('it sweeps until it is stopped, also after a pass that failed', async () => {
    await using engine = await openFresh()
    const stop = new AbortController()
    const problems: unknown[] = []
    const sweeper = ttlSweeper({
      engine,
      rules: [{ table: 'no_such_table', column: 'x', days: 1 }],
      now: Date.now,
      report: problem => problems.push(problem),
    })
    const run = sweeper.run(stop.signal)
    await eventually(() => problems.length === 1)
    stop.abort()
    await expect(run).resolves.toBeUndefined()
  })
})
