import type { Transaction } from '#shared/ports/database/database.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'

const RAISE = `
  UPDATE event_sequences SET last_seq = last_seq + 1 WHERE subject_id = $1 AND source = $2 RETURNING last_seq`
const BEGIN = `
  INSERT INTO event_sequences (subject_id, source, last_seq) VALUES ($1, $2, 1)
  ON CONFLICT (subject_id, source) DO NOTHING RETURNING last_seq`

/** The next sequence of a source and subject, as the outbox counts; in statements that every engine takes. */
export async function nextSequence(tx: Transaction, source: string, subject: string): Promise<number> {
  for (const sql of [RAISE, BEGIN, RAISE]) {
    const { rows } = await tx.write(plainSql<{ last_seq: number }>('sequence.next', sql, [subject, source]))
    if (rows[0] !== undefined) return rows[0].last_seq
  }
  throw new Error(`The sequence of ${source} and ${subject} cannot be raised.`)
}
