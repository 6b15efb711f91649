import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import type { Database, Transaction } from '#shared/ports/database/database.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { recycledDatabase } from '#test/helpers/recycled-database.ts'
import { jobStore } from './job-store.ts'
import { appendEvent } from './outbox.ts'
import { changesOf, noteChange, toldChanges } from './told-changes.ts'

const context = { now: Date.now, random: randomBytes }
const broadcast = memoryBroadcast()
let engine: Awaited<ReturnType<typeof recycledDatabase>>
let database: Database
beforeAll(async () => {
  engine = await recycledDatabase()
  database = toldChanges(engine, broadcast)
})
afterAll(() => engine[Symbol.asyncDispose]())

function toldOf(subject: string): { times: number } & Disposable {
  const told = { times: 0 }
  const listening = broadcast.listen(changesOf(subject), { heard: () => (told.times += 1), missed: () => undefined })
  return Object.assign(told, { [Symbol.dispose]: () => listening[Symbol.dispose]() })
}

const append = async (tx: Transaction, subject: string) => {
  const data = { clip_id: subject, creator_id: 'c', stream_id: 's', playback_id: 'p' }
  await appendEvent(tx, { source: 'clips', type: 'clip.deleted', subject, data }, context)
}

test('a commit tells of every subject it appended events of, once each', async () => {
  using one = toldOf('clip_told_one')
  using two = toldOf('clip_told_two')
  await database.transaction(async tx => {
    await append(tx, 'clip_told_one')
    await append(tx, 'clip_told_one')
    await append(tx, 'clip_told_two')
    expect(one.times).toBe(0)
  })
  expect([one.times, two.times]).toEqual([1, 1])
})

test('what is rolled back is not told', async () => {
  using told = toldOf('clip_undone')
  const undone = database.transaction(async tx => {
    await append(tx, 'clip_undone')
    throw new Error('after the append')
  })
  await expect(undone).rejects.toThrow('after the append')
  expect(told.times).toBe(0)
})

test('of a body that runs again only the run that is committed is told', async () => {
  using first = toldOf('clip_first_run')
  using second = toldOf('clip_second_run')
  let runs = 0
  const retrying: Database = {
    read: statement => engine.read(statement),
    ping: signal => engine.ping(signal),
    transaction: async body => {
      await body({} as Transaction)
      return await body({} as Transaction)
    },
  }
  await toldChanges(retrying, broadcast).transaction(async tx => {
    runs += 1
    noteChange(tx, runs === 1 ? 'clip_first_run' : 'clip_second_run')
  })
  expect([runs, first.times, second.times]).toEqual([2, 0, 1])
})

test('how far a job is is told to whoever follows what it works on', async () => {
  const jobs = jobStore({ database, ...context })
  const draft = { kind: 'render-clip', subjectId: 'clip_rendered', recipe: 'r', input: {} } as const
  const { jobId } = await database.transaction(async tx => await jobs.add(tx, draft))
  const { token } = await jobs.lease(jobId, 'worker')
  using told = toldOf('clip_rendered')
  await jobs.checkpoint(jobId, token, { percent: 40 })
  await eventually(
    () => told.times,
    times => expect(times).toBe(1),
  )
})
