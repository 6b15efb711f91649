import { json } from '#shared/ports/database/named-query.ts'
import type { Database, Transaction } from '#shared/ports/database/database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { nextSequence } from './next-sequence.ts'

/** What a change feed tells of a script: per key, kinds and the values that no clock sets, in order. */
export type Story = Record<string, unknown[][]>

/** One transaction of a script: what it writes, and whether it is rolled back in the end. */
type Step = { writes: Write[]; rolledBack: boolean }
type Write =
  | { kind: 'event'; subject: string; note: number }
  | { kind: 'stream'; id: string; state: string }
  | { kind: 'stream-gone'; id: string }

const STATES = ['connecting', 'live', 'reconnecting', 'ended']

/** Numbers from 0 up to 1 that a seed always gives (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A script of so many transactions over few keys, so that they meet often. */
export function randomScript(seed: number, transactions: number): Step[] {
  const random = seeded(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const write = (): Write => {
    const id = `strm-${below(4)}`
    const choice = random()
    if (choice < 0.6) return { kind: 'event', subject: `subject-${below(5)}`, note: below(1_000_000) }
    return choice < 0.9
      ? { kind: 'stream', id, state: STATES[below(STATES.length)] ?? 'live' }
      : { kind: 'stream-gone', id }
  }
  return Array.from({ length: transactions }, () => ({
    writes: Array.from({ length: 1 + below(4) }, write),
    rolledBack: random() < 0.15,
  }))
}

/** Runs the script, one transaction after the other. */
export async function runScript(database: Database, script: readonly Step[]): Promise<void> {
  for (const { writes, rolledBack } of script) {
    const run = database.transaction(async tx => {
      for (const write of writes) await apply(tx, write)
      if (rolledBack) throw new RolledBack()
    })
    await run.catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })
  }
}

/** The story that a script has: net changes per transaction and row, events numbered without a hole. */
export function storyOf(script: readonly Step[]): Story {
  const story: Story = {}
  const tell = (key: string, ...facts: unknown[]): void => void (story[key] ??= []).push(facts)
  const streams = new Map<string, { state: string; version: number }>()
  for (const { writes } of script.filter(({ rolledBack }) => !rolledBack)) {
    const before = new Map(streams)
    const touched = new Set<string>()
    for (const write of writes) {
      if (write.kind === 'event') {
        const key = `events ${write.subject}`
        const seq = (story[key]?.length ?? 0) + 1
        tell(key, 'insert', seq, { note: write.note }, `evt-${write.subject}-${seq}`)
      } else {
        touched.add(write.id)
        const version = (streams.get(write.id)?.version ?? 0) + 1
        if (write.kind === 'stream') streams.set(write.id, { state: write.state, version })
        else streams.delete(write.id)
      }
    }
    for (const id of touched) {
      const after = streams.get(id)
      if (after !== undefined) tell(`stream ${id}`, before.has(id) ? 'update' : 'insert', after.state, after.version)
      else if (before.has(id)) tell(`stream ${id}`, 'delete', undefined, undefined)
    }
  }
  return story
}

class RolledBack extends Error {}

const UPDATE_STREAM = 'UPDATE streams SET state = $2, version = version + 1 WHERE stream_id = $1'
const INSERT_STREAM = `
  INSERT INTO streams (stream_id, creator_id, channel_id, title, state) VALUES ($1, 'crtr', 'chan', 't', $2)`

async function apply(tx: Transaction, write: Write): Promise<void> {
  if (write.kind === 'event') {
    const seq = await nextSequence(tx, 'script', write.subject)
    await tx.write(
      plainSql(
        'event.add',
        `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
         VALUES ('script', $1, $2, $3, 'script.step', '2026-01-01T00:00:00Z', $4)`,
        [write.subject, seq, `evt-${write.subject}-${seq}`, json({ note: write.note })],
      ),
    )
  } else if (write.kind === 'stream') {
    const there = await tx.write(plainSql('stream.update', UPDATE_STREAM, [write.id, write.state]))
    if (there.changed === 0) await tx.write(plainSql('stream.insert', INSERT_STREAM, [write.id, write.state]))
  } else {
    await tx.write(plainSql('stream.delete', 'DELETE FROM streams WHERE stream_id = $1', [write.id]))
  }
}
