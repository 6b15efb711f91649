import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticCreatorId } from '#shared/domain/canary.ts'
import { parseEvent } from '#shared/domain/domain-event.ts'
import { namedQuery, tables } from '#shared/ports/database/named-query.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { appendEvent, type EventDraft } from './outbox.ts'
import { inTrace } from './trace.ts'

const context = { now: Date.now, random: randomBytes }
const rowsOf = namedQuery('outbox-test.rows', ['x'], (subject: string) =>
  tables.selectFrom('domain_events').selectAll().where('subject_id', '=', subject).orderBy('source').orderBy('seq'),
)

let database: Awaited<ReturnType<typeof recycledDatabase>>
beforeAll(async () => (database = await recycledDatabase()))
afterAll(() => database[Symbol.asyncDispose]())

const archived = (subject: string, segments = 1): EventDraft<'stream.archived'> => ({
  source: 'channels',
  type: 'stream.archived',
  subject,
  data: { stream_id: subject, creator_id: 'c', channel_id: 'h', playback_id: 'p', epoch: 1, segments },
})
const append = (subject: string, segments?: number) =>
  database.transaction(tx => appendEvent(tx, archived(subject, segments), context))

describe('appendEvent', () => {
  test('what is appended is the whole event, as consumers parse it', async () => {
    const event = await database.transaction(tx =>
      appendEvent(
        tx,
        { ...archived('strm_whole'), epoch: 4, mediatime: '2026-01-01T00:00:00.000Z', causationid: 'evt_a' },
        context,
      ),
    )
    const [row] = await database.read(rowsOf('strm_whole'))
    expect(parseEvent(row?.payload)).toEqual(event)
    expect(event).toMatchObject({
      sequence: 1,
      partitionkey: 'strm_whole',
      epoch: 4,
      causationid: 'evt_a',
      class: 'real',
    })
    expect(row?.event_id).toBe(event.id)
  })

  test('what a creator of synthetic shows causes is told apart', async () => {
    const draft = archived('strm_synthetic')
    const creator_id = syntheticCreatorId(randomBytes(32))
    const event = await database.transaction(tx =>
      appendEvent(tx, { ...draft, data: { ...draft.data, creator_id } }, context),
    )
    expect(event.class).toBe('canary')
  })

  test('sequences have no gaps under concurrent writers, and each source counts for itself', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => append('strm_busy', index)))
    await database.transaction(tx => appendEvent(tx, { ...archived('strm_busy'), source: 'library' }, context))
    const rows = await database.read(rowsOf('strm_busy'))
    expect(rows.filter(row => row.source === 'channels').map(row => row.seq)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    )
    expect(rows.filter(row => row.source === 'library').map(row => row.seq)).toEqual([1])
  })

  test('a transaction that rolls back gives its number back and leaves no event', async () => {
    await append('strm_undone')
    await expect(
      database.transaction(async tx => {
        await appendEvent(tx, archived('strm_undone'), context)
        throw new Error('after the append')
      }),
    ).rejects.toThrow('after the append')
    await append('strm_undone')
    expect((await database.read(rowsOf('strm_undone'))).map(row => row.seq)).toEqual([1, 2])
  })

  test('an event carries the trace it was appended in, and its row the trace id', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const event = await inTrace(`00-${traceId}-b7ad6b7169203331-01`, 'request', {}, () => append('strm_trace'))
    expect(event.traceparent?.split('-')[1]).toBe(traceId)
    expect((await database.read(rowsOf('strm_trace')))[0]?.trace_id).toBe(traceId)
  })

  test('data that do not fit their type are refused before anything is written', async () => {
    const wrong = { ...archived('strm_wrong'), data: { segments: -1 } } as unknown as EventDraft<'stream.archived'>
    await expect(database.transaction(tx => appendEvent(tx, wrong, context))).rejects.toThrow()
    expect(await database.read(rowsOf('strm_wrong'))).toEqual([])
  })

  test('an event too large for the bus is refused at the source', async () => {
    const large = { ...archived('strm_large'), causationid: 'x'.repeat(300_000) }
    await expect(database.transaction(tx => appendEvent(tx, large, context))).rejects.toThrow('larger than')
  })
})
