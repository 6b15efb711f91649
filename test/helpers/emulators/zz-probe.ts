import { startSpannerDatabases } from './spanner-databases.ts'
import { spannerDatabase } from '#shared/ports/database/spanner-database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import { json } from '#shared/ports/database/named-query.ts'

const dbs = await startSpannerDatabases()
const db = await spannerDatabase(await dbs.create())
const ev = (s: string, n: number) => plainSql('e', `INSERT INTO domain_events (source, subject_id, seq, event_id, type, occurred_at, payload) VALUES ('test', $1, $2, $3, 'test.happened', $4, $5)`, [s, n, `evt_${s}_${n}`, '2026-01-02T03:04:05.678Z', json({ deep: [1, null] })])
const start = new Date().toISOString()
await db.transaction(async tx => { await tx.write(ev('a', 1)); await tx.write(ev('a', 2)) })
await db.transaction(async tx => { await tx.write(plainSql('s', `INSERT INTO streams (stream_id, creator_id, channel_id, title, state) VALUES ('s1','c','h','t','x')`)) })
await db.transaction(async tx => { await tx.write(plainSql('s', `UPDATE streams SET state='y', health='{"a":1}' WHERE stream_id='s1'`)) })
await db.transaction(async tx => { await tx.write(plainSql('s', `DELETE FROM streams WHERE stream_id='s1'`)) })

const q = async (start: string, end: string, token: string, abortAfter: number, name = 'events_out') => {
  const t0 = Date.now()
  const stream = db.client.runStream({ sql: `SELECT * FROM spanner.read_json_${name}('${start}', ${end}, ${token}, 1000, null)`, json: true, jsonOptions: {wrapNumbers: true} } as never, { strong: true } as never)
  setTimeout(() => stream.destroy(), abortAfter)
  const tokens: string[] = []
  try {
    for await (const row of stream) {
      const r = (row as any)[`read_json_${name}`].value
      console.log(Date.now() - t0, JSON.stringify(r).slice(0, 300))
      for (const c of r.child_partitions_record?.child_partitions ?? []) tokens.push(c.token)
    }
  } catch (e) { console.log('ERR', (e as any).code, (e as Error).message) }
  console.log('end', Date.now() - t0)
  return tokens
}
console.log('too early'); await q('2026-11-01T00:00:00Z', 'null', 'null', 2000)
console.log('hour'); await q(new Date(Date.now()-3600_000).toISOString(), 'null', 'null', 2000)
console.log('future'); await q(new Date(Date.now()+3600_000).toISOString(), 'null', 'null', 2000)
console.log(await db.read(plainSql('x', `select * from schema_migrations`)))
console.log(await db.read(plainSql('x', `select * from information_schema.change_stream_options`)))
console.log('now'); const t = await q(start, 'null', 'null', 2000)
console.log('open'); await Promise.all(t.map(x => q(start, 'null', `'${x}'`, 60000)))
await db[Symbol.asyncDispose]()
await dbs[Symbol.asyncDispose]()
