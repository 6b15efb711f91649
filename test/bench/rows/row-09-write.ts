import { randomBytes, randomUUID } from 'node:crypto'
import { type SeededShow, seedShows } from '../seed-shows.ts'
import { plainSql } from '../../../shared/ports/database/table-engine.ts'
import { type ChannelsService, channelsService } from '../../helpers/channels-service.ts'
import type { BenchRow } from '../bench-row.ts'
import { median } from '../quartiles.ts'

const WRITES = { whole: 150, quick: 20 }
const HOST = 'bench-host'

/** Markers set through the service; each is answered 201 and its event is in the outbox. */
async function throughService(service: ChannelsService, show: SeededShow, writes: number): Promise<number> {
  const call = service.as(HOST, 'creator')
  const latencies: number[] = []
  for (let index = 0; index < writes; index += 1) {
    const key = randomUUID()
    const body = { kind: 'highlight', at_ms: index, note: 'The drop' }
    const startedAt = performance.now()
    const { status } = await call('POST', `/v1/streams/${show.streamId}/markers`, body, { 'idempotency-key': key })
    latencies.push(performance.now() - startedAt)
    if (status !== 201) throw new Error(`A marker was answered ${status}.`)
  }
  const told = (await service.events(show.streamId)).length
  if (told !== writes) throw new Error(`${told} events for ${writes} markers.`)
  return median(latencies)
}

/** The four rows a marker leaves behind: itself, its event, the event's place and the kept answer. */
async function rawTransaction({ database }: ChannelsService, show: SeededShow, writes: number): Promise<number> {
  const event = JSON.stringify({ specversion: '1.0', data: 'x'.repeat(700) })
  const answer = JSON.stringify({ iv: 'x'.repeat(16), tag: 'x'.repeat(24), body: 'x'.repeat(500) })
  const latencies: number[] = []
  for (let index = 0; index < writes; index += 1) {
    const [id, key, now] = [randomUUID(), randomBytes(32).toString('hex'), new Date().toISOString()]
    const startedAt = performance.now()
    await database.transaction(async tx => {
      await tx.write(
        plainSql(
          'bench.key',
          `INSERT INTO idempotency_keys (key_hash, request_hash, created_at, status, response) VALUES ($1, $1, $2, 201, $3)`,
          [key, now, answer],
        ),
      )
      await tx.write(
        plainSql(
          'bench.marker',
          `INSERT INTO markers (stream_id, at_ms, marker_id, kind, payload) VALUES ($1, $2, $3, 'highlight', $4)`,
          [show.streamId, index, id, '{"note":"The drop"}'],
        ),
      )
      await tx.write(
        plainSql(
          'bench.sequence',
          `INSERT INTO event_sequences (subject_id, source, last_seq) VALUES ($1, 'bench', 1)
           ON CONFLICT (subject_id, source) DO UPDATE SET last_seq = event_sequences.last_seq + 1`,
          [show.streamId],
        ),
      )
      await tx.write(
        plainSql(
          'bench.event',
          `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload)
           VALUES ('bench', $1, $2, $3, 'marker.added', $4, $5)`,
          [show.streamId, index + 1, id, now, event],
        ),
      )
    })
    latencies.push(performance.now() - startedAt)
  }
  return median(latencies)
}

/** A marker with outbox and sealed idempotency, beside the same rows written by one bare transaction. */
export const write: BenchRow = {
  id: '9',
  name: 'write',
  title: 'write with outbox and idempotency (a marker), p50',
  metrics: [{ key: 'p50', title: '', unit: 'ms', goal: { ratioMax: 1.4 } }],
  rounds: 7,
  quickRounds: 2,
  ready: async ({ quick }) => {
    const service = await channelsService()
    const caller = await service.deps.verifyUser(`${HOST}.creator`)
    const owner = caller.kind === 'user' ? caller.id : undefined
    const writes = quick ? WRITES.quick : WRITES.whole
    service.clock.nowMs = Date.now()
    const one = async (run: typeof throughService) => {
      const [show] = await seedShows(service.database, 1, owner)
      if (show === undefined) throw new Error('No show was made.')
      return { p50: await run(service, show, writes) }
    }
    await one(throughService)
    await one(rawTransaction)
    return {
      ours: { name: 'POST /v1/streams/{id}/markers', sample: () => one(throughService) },
      peer: { name: 'the same four rows, one transaction', sample: () => one(rawTransaction) },
      notes: [`${writes} writes a round, one at a time, in process, on the embedded database`],
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    }
  },
}
