import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Change, ChangeFeed } from '#shared/ports/change-feed/change-feed.ts'
import type { Database } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { nextSequence } from '../helpers/next-sequence.ts'

/** One event row, as the outbox writes it. */
const event = (subject: string, seq: number, note: unknown = {}) =>
  plainSql(
    'event.add',
    `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
     VALUES ('test', $1, $2, $3, 'test.happened', $4, $5)`,
    [subject, seq, `evt_${subject}_${seq}`, '2026-01-02T03:04:05.678Z', json(note)],
  )
const hundredEvents = (subject: string, from: number) => {
  const values = Array.from({ length: 100 }, (_, index) => {
    const seq = from + index
    return `('test', '${subject}', ${seq}, 'evt_${subject}_${seq}', 'test.happened', '2026-01-02T03:04:05Z', '{}')`
  })
  return plainSql(
    'events.add',
    `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
     VALUES ${values.join()}`,
  )
}
const stream = (id: string, state: string) =>
  plainSql(
    'stream.put',
    `INSERT INTO streams (stream_id, creator_id, channel_id, title, state) VALUES ($1, 'crtr', 'chan', 't', $2)
     ON CONFLICT (stream_id) DO UPDATE SET stream_id = excluded.stream_id, creator_id = excluded.creator_id,
       channel_id = excluded.channel_id, title = excluded.title, state = excluded.state`,
    [id, state],
  )
const noStream = (id: string) => plainSql('stream.delete', 'DELETE FROM streams WHERE stream_id = $1', [id])

type Following = AsyncDisposable & { changes: Change[]; batches: Change[][] }

function following(
  feed: ChangeFeed,
  reader: string,
  tables: readonly string[],
  handle: (changes: readonly Change[]) => Promise<void> | void = () => undefined,
): Following {
  const stop = new AbortController()
  const changes: Change[] = []
  const batches: Change[][] = []
  const run = feed.follow({ reader, tables, signal: stop.signal }, async batch => {
    await handle(batch)
    changes.push(...batch)
    batches.push([...batch])
  })
  return {
    changes,
    batches,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await run
    },
  }
}

const seqs = (changes: readonly Change[], subject: string): unknown[] =>
  changes.filter(({ row }) => row['subject_id'] === subject).map(({ row }) => row['seq'])

/** Where an engine under test falls short of the one it stands for. */
export type FeedLimits = {
  /** It tells instants in whole seconds. */
  wholeSeconds?: boolean
  /** Hundreds of rows of one transaction that it takes within seconds; 7 unless told. */
  hundredsAtOnce?: number
  /** Longest a change may take on a busy machine, in ms. */
  withinMs?: number
}

/** What every ChangeFeed promises of what is committed through its database. */
export function changeFeedContract<Engine extends Database & AsyncDisposable>(
  openFresh: () => Promise<Engine>,
  feedOf: (database: Engine) => ChangeFeed,
  limits: FeedLimits = {},
): void {
  let database: Engine
  let feed: ChangeFeed
  beforeAll(async () => {
    database = await openFresh()
    feed = feedOf(database)
  })
  afterAll(async () => {
    await database[Symbol.asyncDispose]()
  })
  const soon = async <Fact>(probe: () => Fact | Promise<Fact>, check: (fact: Fact) => unknown): Promise<Fact> =>
    await eventually(probe, check, limits.withinMs === undefined ? {} : { withinMs: limits.withinMs })
  const commit = async (...statements: ReturnType<typeof event>[]): Promise<void> => {
    await database.transaction(async tx => {
      for (const statement of statements) await tx.write(statement)
    })
  }

  test('every committed row comes once it is committed, whole, as the reader gives it', async () => {
    await using run = following(feed, 'whole', ['domain_events'])
    await commit(event('whole', 1, { deep: [1, null] }))
    const [change] = await soon(
      () => run.changes.filter(({ row }) => row['subject_id'] === 'whole'),
      found => expect(found).toHaveLength(1),
    )
    expect(change).toMatchObject({ table: 'domain_events', kind: 'insert' })
    expect(change?.row).toMatchObject({
      seq: 1,
      event_id: 'evt_whole_1',
      occurred_at: limits.wholeSeconds === true ? '2026-01-02T03:04:05.000Z' : '2026-01-02T03:04:05.678Z',
      payload: { deep: [1, null] },
      trace_id: null,
    })
    expect(change?.row['committed_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('what is rolled back never comes', async () => {
    await using run = following(feed, 'rollback', ['domain_events'])
    await database
      .transaction(async tx => {
        await tx.write(event('rollback', 1))
        throw new Error('no')
      })
      .catch(() => undefined)
    await commit(event('rollback', 2))
    await soon(
      () => seqs(run.changes, 'rollback'),
      found => expect(found).toEqual([2]),
    )
  })

  test('rows of one key come in commit order, however many write at once', async () => {
    const subjects = ['order-a', 'order-b', 'order-c']
    await using run = following(feed, 'order', ['domain_events'])
    const next = async (subject: string): Promise<void> => {
      await database.transaction(async tx => {
        await tx.write(event(subject, await nextSequence(tx, 'test', subject)))
      })
    }
    await Promise.all(subjects.flatMap(subject => Array.from({ length: 20 }, async () => await next(subject))))
    const inOrder = Array.from({ length: 20 }, (_, index) => index + 1)
    for (const subject of subjects) {
      await soon(
        () => seqs(run.changes, subject),
        found => expect(found).toEqual(inOrder),
      )
    }
  })

  test('a transaction that is committed late is neither lost nor overtaken by its own rows', async () => {
    await using run = following(feed, 'late', ['domain_events'])
    const held = Promise.withResolvers<void>()
    const writing = Promise.withResolvers<void>()
    const slow = database.transaction(async tx => {
      await tx.write(event('late-slow', 1))
      writing.resolve()
      await held.promise
      await tx.write(event('late-slow', 2))
    })
    await writing.promise
    const quick = commit(event('late-quick', 1))
    held.resolve()
    await Promise.all([slow, quick])
    await soon(
      () => [seqs(run.changes, 'late-slow'), seqs(run.changes, 'late-quick')],
      found => expect(found).toEqual([[1, 2], [1]]),
    )
  })

  test('several changes of one row in one transaction are one net change', async () => {
    await using run = following(feed, 'net', ['streams'])
    await commit(stream('net-new', 'connecting'), stream('net-new', 'live'))
    await commit(stream('net-gone', 'connecting'), noStream('net-gone'))
    await commit(stream('net-new', 'reconnecting'), stream('net-new', 'ended'))
    await commit(noStream('net-new'))
    await soon(
      () => run.changes.filter(({ row }) => String(row['stream_id']).startsWith('net-')),
      found => {
        expect(found.map(({ kind, row }) => [kind, row['stream_id'], row['state']])).toEqual([
          ['insert', 'net-new', 'live'],
          ['update', 'net-new', 'ended'],
          ['delete', 'net-new', undefined],
        ])
        expect(found.at(-1)?.row).toEqual({ stream_id: 'net-new' })
      },
    )
  })

  test('a transaction is never split between two batches', async () => {
    const { hundredsAtOnce = 7 } = limits
    await commit(...Array.from({ length: hundredsAtOnce }, (_, hundred) => hundredEvents('big', hundred * 100)))
    await using run = following(feed, 'unsplit', ['domain_events'])
    await soon(
      () => seqs(run.changes, 'big'),
      found => expect(found).toHaveLength(hundredsAtOnce * 100),
    )
    expect(run.batches.filter(batch => seqs(batch, 'big').length > 0)).toHaveLength(1)
  })

  test('a handler that throws gets the same changes again, before any later one', async () => {
    let failures = 2
    const seen: unknown[] = []
    await using run = following(feed, 'again', ['domain_events'], batch => {
      const found = seqs(batch, 'again')
      if (found.length > 0) seen.push(found[0])
      if (found.length > 0 && (failures -= 1) >= 0) throw new Error('not yet')
    })
    await commit(event('again', 1))
    await commit(event('again', 2))
    await soon(
      () => seqs(run.changes, 'again'),
      found => expect(found).toEqual([1, 2]),
    )
    expect(seen.slice(0, 3)).toEqual([1, 1, 1])
  })

  test('a reader resumes behind what it handled, and gets what was committed meanwhile', async () => {
    {
      await using run = following(feed, 'resume', ['domain_events'])
      await commit(event('resume', 1))
      await soon(
        () => seqs(run.changes, 'resume'),
        found => expect(found).toEqual([1]),
      )
    }
    await commit(event('resume', 2))
    await using run = following(feed, 'resume', ['domain_events'])
    await soon(
      () => seqs(run.changes, 'resume'),
      found => expect(found).toContain(2),
    )
    // The checkpoint may not have been written when the first run was cut; nothing older than that comes again.
    expect(seqs(run.changes, 'resume').filter(seq => seq === 2)).toEqual([2])
  })

  test('two readers each get everything', async () => {
    await using one = following(feed, 'reader-one', ['domain_events'])
    await using two = following(feed, 'reader-two', ['domain_events'])
    await commit(event('both', 1))
    for (const run of [one, two]) {
      await soon(
        () => seqs(run.changes, 'both'),
        found => expect(found).toEqual([1]),
      )
    }
  })

  test('tables of no common stream are refused', async () => {
    const options = { reader: 'x', tables: ['domain_events', 'streams'], signal: new AbortController().signal }
    await expect(feed.follow(options, async () => undefined)).rejects.toThrow('No change stream')
  })
}
