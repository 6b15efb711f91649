import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatabaseError } from '#shared/ports/database/database.ts'
import { json, type Statement, tables } from '#shared/ports/database/named-query.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import type { OpenDatabase, OpenDatabases } from '../helpers/every-database.ts'
import type { OpenEngine, OpenFresh } from '../helpers/every-engine.ts'
import { eventually } from '../helpers/eventually.ts'

let made = 0
const fresh = (noun: string): string => `${noun}_${(made += 1)}`

const creator = (id: string, handle = id): Statement<unknown> => {
  const { sql, parameters } = tables
    .insertInto('creators')
    .values({ creator_id: id, handle, display_name: 'A. Creator' })
    .compile()
  return { name: 'creator.add', sql, parameters: parameters as string[] }
}
const count = (id: string) =>
  plainSql<{ count: number }>('creator.count', 'SELECT count(*) AS count FROM creators WHERE creator_id = $1', [id])
const creatorRow = (id: string) =>
  plainSql<{ display_name: string; version: number; created_at: string; updated_at: string }>(
    'creator.get',
    'SELECT display_name, version, created_at, updated_at FROM creators WHERE creator_id = $1',
    [id],
  )
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** What every Database promises. */
export function databaseContract(openFresh: OpenDatabases): void {
  let database: OpenDatabase
  beforeAll(async () => {
    database = await openFresh()
  })
  afterAll(async () => {
    await database[Symbol.asyncDispose]()
  })

  test('transaction() commits when its body resolves and gives the body’s result', async () => {
    const id = fresh('crtr')
    const result = await database.transaction(async tx => {
      const { changed } = await tx.write(creator(id))
      return changed
    })
    expect(result).toBe(1)
    expect(await database.read(count(id))).toEqual([{ count: 1 }])
  })

  test('transaction() leaves nothing when its body throws, and throws the same error', async () => {
    const id = fresh('crtr')
    const wrong = new Error('no')
    const run = database.transaction(async tx => {
      await tx.write(creator(id))
      throw wrong
    })
    await expect(run).rejects.toBe(wrong)
    expect(await database.read(count(id))).toEqual([{ count: 0 }])
  })

  test('a transaction reads its own writes', async () => {
    const id = fresh('crtr')
    const seen = await database.transaction(async tx => {
      await tx.write(creator(id))
      return await tx.read(count(id))
    })
    expect(seen).toEqual([{ count: 1 }])
  })

  test('a taken unique value is a conflict that names the constraint and no value', async () => {
    const id = fresh('crtr')
    const handle = fresh('secret-handle')
    await database.transaction(async tx => await tx.write(creator(id, handle)))
    const error = await database
      .transaction(async tx => await tx.write(creator(fresh('crtr'), handle)))
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(DatabaseError)
    expect(error).toMatchObject({ kind: 'conflict', statement: 'creator.add' })
    expect(String(error)).toContain('creators_by_handle')
    expect(String(error)).not.toContain(handle)
  })

  test('a missing parent row is missing', async () => {
    const orphan = plainSql(
      'channel.add',
      `INSERT INTO channels (creator_id, channel_id, title, provider) VALUES ($1, $2, 't', 'plane')`,
      [fresh('nobody'), fresh('chan')],
    )
    await expect(database.transaction(async tx => await tx.write(orphan))).rejects.toMatchObject({ kind: 'missing' })
  })

  test('wrong SQL and wrong values are invalid, told shortly and without the value', async () => {
    const errors = await Promise.all(
      [
        plainSql('no.column', 'SELECT nonsense FROM creators'),
        plainSql('no.number', 'SELECT $1::bigint AS n', ['hush-hush']),
        plainSql('no.null', 'INSERT INTO creators (creator_id) VALUES ($1)', [fresh('crtr')]),
      ].map(async statement => await database.read(statement).catch((error: unknown) => error)),
    )
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'DatabaseError', kind: 'invalid' })
      expect(String(error).length).toBeLessThan(300)
      expect(String(error)).not.toContain('hush-hush')
    }
  })

  test('rows come back as the reader promises', async () => {
    const [row] = await database.read(
      plainSql(
        'values',
        `SELECT 9007199254740991::bigint AS big, $1::timestamptz AS instant, $2::jsonb AS document, $3::bytea AS bytes,
                $4::text[] AS list, 1.5::double precision AS real, true AS yes, NULL::timestamptz AS nothing`,
        [
          '2026-02-03T04:05:06.789123+02:00',
          json({ a: [1, 'x', null] }),
          new Uint8Array([0, 255, 7]),
          ['a', 'b,"c"', ''],
        ],
      ),
    )
    expect(row).toEqual({
      big: Number.MAX_SAFE_INTEGER,
      instant: '2026-02-03T02:05:06.789Z',
      document: { a: [1, 'x', null] },
      bytes: new Uint8Array([0, 255, 7]),
      list: ['a', 'b,"c"', ''],
      real: 1.5,
      yes: true,
      nothing: null,
    })
  })

  test('commit timestamps are set on insert and move on update', async () => {
    const id = fresh('crtr')
    await database.transaction(async tx => await tx.write(creator(id)))
    const [before] = await database.read(creatorRow(id))
    const rename = plainSql(
      'creator.rename',
      `UPDATE creators SET display_name = 'B', version = 2 WHERE creator_id = $1`,
      [id],
    )
    const writtenAt = performance.now()
    // Clocks of engines tell milliseconds apart.
    await eventually(() => expect(performance.now() - writtenAt).toBeGreaterThan(5) ?? true)
    await database.transaction(async tx => await tx.write(rename))
    const [after] = await database.read(creatorRow(id))
    expect(before?.updated_at).toMatch(INSTANT)
    expect(before?.created_at).toMatch(INSTANT)
    expect(after).toMatchObject({ display_name: 'B', version: 2, created_at: before?.created_at })
    expect(Date.parse(after?.updated_at ?? '')).toBeGreaterThan(Date.parse(before?.updated_at ?? ''))
  })

  test('a transaction reads whole rows that it wrote, as often as it writes them', async () => {
    const id = fresh('crtr')
    const whole = plainSql<{ version: number }>('creator.whole', 'SELECT * FROM creators WHERE creator_id = $1', [id])
    const raise = plainSql<{ version: number }>(
      'creator.raise',
      'UPDATE creators SET version = version + 1 WHERE creator_id = $1 RETURNING *',
      [id],
    )
    const versions = await database.transaction(async tx => {
      await tx.write(creator(id))
      const [made] = await tx.read(whole)
      const { rows } = await tx.write(raise)
      await tx.write(raise)
      const [last] = await tx.read(whole)
      expect(Object.keys(rows[0] ?? {}).sort()).toEqual(Object.keys(made ?? {}).sort())
      return [made?.version, rows[0]?.version, last?.version]
    })
    expect(versions).toEqual([1, 2, 3])
    const [stored] = await database.read(creatorRow(id))
    expect(stored?.updated_at).toMatch(INSTANT)
  })

  test('a double takes whole and broken numbers alike', async () => {
    const id = fresh('strm')
    const scores = [1, 0.5, -3, null]
    await database.transaction(async tx => {
      const stream = `INSERT INTO streams (stream_id, creator_id, channel_id, title, state) VALUES ($1, 'c', 'c', 't', 'live')`
      await tx.write(plainSql('stream.add', stream, [id]))
      const marker = `INSERT INTO markers (stream_id, at_ms, marker_id, kind, score) VALUES ($1, $2, 'm', 'k', $3)`
      for (const [index, score] of scores.entries()) await tx.write(plainSql('marker.add', marker, [id, index, score]))
    })
    const rows = await database.read(
      plainSql('marker.scores', 'SELECT score FROM markers WHERE stream_id = $1 ORDER BY at_ms', [id]),
    )
    expect(rows).toEqual(scores.map(score => ({ score })))
  })

  test('write() gives the rows of RETURNING and how many rows changed', async () => {
    const ids = [fresh('crtr'), fresh('crtr')]
    const answer = await database.transaction(async tx => {
      for (const id of ids) await tx.write(creator(id))
      return await tx.write(
        plainSql(
          'creators.touch',
          'UPDATE creators SET version = version + 1 WHERE creator_id = ANY($1) RETURNING version',
          [ids],
        ),
      )
    })
    expect(answer).toEqual({ rows: [{ version: 2 }, { version: 2 }], changed: 2 })
  })

  test('read, decide, write at the same time loses no update', async () => {
    const id = fresh('crtr')
    await database.transaction(async tx => await tx.write(creator(id)))
    const bump = async (): Promise<void> => {
      await database.transaction(async tx => {
        const [row] = await tx.read(creatorRow(id))
        const next = plainSql('creator.set', 'UPDATE creators SET version = $2 WHERE creator_id = $1', [
          id,
          (row?.version ?? 0) + 1,
        ])
        await tx.write(next)
      })
    }
    await Promise.all(Array.from({ length: 12 }, bump))
    expect(await database.read(creatorRow(id))).toMatchObject([{ version: 13 }])
  })

  test('two transactions that each read what the other writes do not both commit on what they read', async () => {
    const [a, b] = [fresh('crtr'), fresh('crtr')]
    const at = fresh('inbox')
    const onlyIfAlone = async (mine: string): Promise<void> => {
      await database.transaction(async tx => {
        const [found] = await tx.read(
          plainSql<{ count: number }>('inbox.count', 'SELECT count(*) AS count FROM inbox WHERE consumer = $1', [at]),
        )
        if (found?.count !== 0) return
        await tx.write(plainSql('inbox.add', 'INSERT INTO inbox (event_key, consumer) VALUES ($1, $2)', [mine, at]))
      })
    }
    await Promise.all([onlyIfAlone(a), onlyIfAlone(b)])
    const rows = await database.read(plainSql('inbox.get', 'SELECT event_key FROM inbox WHERE consumer = $1', [at]))
    expect(rows).toHaveLength(1)
  })

  test('deleting a parent deletes what is interleaved in it', async () => {
    const id = fresh('crtr')
    const channel = fresh('chan')
    await database.transaction(async tx => {
      await tx.write(creator(id))
      await tx.write(
        plainSql(
          'channel.add',
          `INSERT INTO channels (creator_id, channel_id, title, provider) VALUES ($1, $2, 't', 'plane')`,
          [id, channel],
        ),
      )
      await tx.write(plainSql('creator.delete', 'DELETE FROM creators WHERE creator_id = $1', [id]))
    })
    expect(
      await database.read(plainSql('channel.get', 'SELECT 1 FROM channels WHERE channel_id = $1', [channel])),
    ).toEqual([])
  })

  test('a statement after the transaction’s end is refused', async () => {
    const late = await database.transaction(async tx => tx)
    await expect(late.read(count('x'))).rejects.toMatchObject({ kind: 'invalid' })
  })

  test('an aborted signal leaves nothing behind', async () => {
    const id = fresh('crtr')
    const stop = new AbortController()
    const run = database.transaction(
      async tx => {
        await tx.write(creator(id))
        stop.abort(new Error('enough'))
        await tx.write(creator(fresh('crtr')))
      },
      { signal: stop.signal },
    )
    await expect(run).rejects.toThrow('enough')
    expect(await database.read(count(id))).toEqual([{ count: 0 }])
  })

  test('ping() resolves while the engine answers', async () => {
    await expect(database.ping()).resolves.toBeUndefined()
  })
}

/** What a Database promises besides when it speaks plain PostgreSQL. */
export function tableEngineContract(openFresh: OpenFresh): void {
  let database: OpenEngine
  beforeAll(async () => {
    database = await openFresh()
  })
  afterAll(async () => {
    await database[Symbol.asyncDispose]()
  })

  test('listen() hears what was committed and not what was rolled back', async () => {
    const heard: string[] = []
    const first = Promise.withResolvers<void>()
    await using _listening = await database.listen('test_channel', payload => {
      heard.push(payload)
      first.resolve()
    })
    const notify = (payload: string) => plainSql('notify', `SELECT pg_notify('test_channel', $1)::text`, [payload])
    await expect(
      database.transaction(async tx => {
        await tx.read(notify('rolled back'))
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await database.transaction(async tx => await tx.read(notify('committed')))
    await first.promise
    expect(heard).toEqual(['committed'])
  })
}
