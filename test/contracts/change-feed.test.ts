import { describe, expect, test } from 'vitest'
import { tableChangeFeed } from '#shared/ports/change-feed/table-change-feed.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { onEveryEngine } from '../helpers/every-engine.ts'
import { changeFeedContract } from './change-feed.contract.ts'

onEveryEngine(openFresh => {
  describe('the change feed contract', () => {
    changeFeedContract(openFresh, engine => tableChangeFeed({ engine }))
  })

  test('changes are deleted once every reader of the stream has passed them', async () => {
    await using engine = await openFresh()
    const feed = tableChangeFeed({ engine })
    const event = (seq: number) =>
      plainSql(
        'event.add',
        `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
         VALUES ('test', 'trim', $1, 'e', 't', now(), '{}')`,
        [seq],
      )
    const kept = async (): Promise<number | undefined> => {
      const [row] = await engine.read(
        plainSql<{ count: number }>('changes.count', 'SELECT count(*) AS count FROM changes'),
      )
      return row?.count
    }
    const follow = async (reader: string): Promise<void> => {
      const stop = new AbortController()
      await feed.follow({ reader, tables: ['domain_events'], signal: stop.signal }, async () => stop.abort())
    }
    await engine.transaction(async tx => await tx.write(event(1)))
    // Both readers are known before either moves.
    const known = `INSERT INTO feed_checkpoints (reader, partition_token, watermark, state)
                   VALUES ('slow', 'events_out', now(), 'running')`
    await engine.transaction(async tx => await tx.write(plainSql('reader.known', known)))
    await follow('quick')
    expect(await kept()).toBe(1)
    await follow('slow')
    await eventually(kept, count => expect(count).toBe(0))
  })
})
