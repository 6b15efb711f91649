import { json } from '#shared/ports/database/named-query.ts'
import { sharedWrite } from '#shared/ports/database/shared-write.ts'
import { plainSql, type TableEngine } from '#shared/ports/database/table-engine.ts'

/** One call that is to be made. */
export type QueuedTask = {
  name: string
  jobId: string
  traceparent: string | null
  dueAt: string
  attempts: number
}

type Row = { name: string; job_id: string; traceparent: string | null; due_at: string; attempts: number }

/** Longest error text kept with a task, in characters. */
const ERROR_CHARACTERS_MAX = 500
/** Ended tasks removed by one statement. */
const FORGET_MAX = 1_000

/** The statements of the task queue. */
export interface QueueRows {
  /** False when the name is known already. */
  add(queue: string, task: QueuedTask): Promise<boolean>
  /** What waits, soonest first, but for the named ones. */
  waiting(queue: string, but: readonly string[], limit: number): Promise<QueuedTask[]>
  postpone(queue: string, task: QueuedTask, error: string): Promise<void>
  /** Done; the name stays known until it is forgotten. */
  end(queue: string, name: string, at: string): Promise<void>
  /** Given up; the name is free again. */
  drop(queue: string, name: string): Promise<void>
  forget(endedBefore: string): Promise<void>
}

/** Tasks written by one statement. */
const SHARED_MAX = 200

const ADD = `
  INSERT INTO queue_tasks (queue, name, job_id, traceparent, due_at)
  SELECT t.queue, t.name, t.job_id, t.traceparent, t.due_at
  FROM jsonb_to_recordset($1::jsonb) AS t(queue text, name text, job_id text, traceparent text, due_at timestamptz)
  ON CONFLICT (queue, name) DO NOTHING RETURNING queue, name`

const END = `
  UPDATE queue_tasks SET due_at = NULL, ended_at = e.at
  FROM jsonb_to_recordset($1::jsonb) AS e(queue text, name text, at timestamptz)
  WHERE queue_tasks.queue = e.queue AND queue_tasks.name = e.name`

export function queueRows(engine: TableEngine): QueueRows {
  const execute = async <Result>(name: string, sql: string, parameters: Parameters<typeof plainSql>[2]) =>
    (await engine.execute(plainSql<Result>(name, sql, parameters))).rows

  const add = sharedWrite(async (tasks: readonly (QueuedTask & { queue: string })[]) => {
    const rows = tasks.map(({ queue, name, jobId, traceparent, dueAt }) => {
      return { queue, name, job_id: jobId, traceparent, due_at: dueAt }
    })
    const added = await execute<{ queue: string; name: string }>('queue.add', ADD, [json(rows)])
    const fresh = new Set(added.map(({ queue, name }) => json([queue, name])))
    // A name that came twice in one statement was new once.
    return tasks.map(({ queue, name }) => fresh.delete(json([queue, name])))
  }, SHARED_MAX)
  const end = sharedWrite(async (ends: readonly { queue: string; name: string; at: string }[]) => {
    await execute('queue.end', END, [json(ends)])
    return ends
  }, SHARED_MAX)

  return {
    add: async (queue, task) => await add({ queue, ...task }),
    async waiting(queue, but, limit) {
      const rows = await engine.read(
        plainSql<Row>(
          'queue.waiting',
          `SELECT name, job_id, traceparent, due_at, attempts FROM queue_tasks
           WHERE queue = $1 AND due_at IS NOT NULL AND NOT (name = ANY($2::text[])) ORDER BY due_at LIMIT $3`,
          [queue, but, limit],
        ),
      )
      return rows.map(row => ({
        name: row.name,
        jobId: row.job_id,
        traceparent: row.traceparent,
        dueAt: row.due_at,
        attempts: row.attempts,
      }))
    },
    async postpone(queue, { name, attempts, dueAt }, error) {
      await execute(
        'queue.postpone',
        'UPDATE queue_tasks SET attempts = $3, due_at = $4, last_error = $5 WHERE queue = $1 AND name = $2',
        [queue, name, attempts, dueAt, error.slice(0, ERROR_CHARACTERS_MAX)],
      )
    },
    async end(queue, name, at) {
      await end({ queue, name, at })
    },
    async drop(queue, name) {
      await execute('queue.drop', 'DELETE FROM queue_tasks WHERE queue = $1 AND name = $2', [queue, name])
    },
    async forget(endedBefore) {
      await execute(
        'queue.forget',
        `DELETE FROM queue_tasks WHERE (queue, name) IN (
           SELECT queue, name FROM queue_tasks WHERE ended_at < $1 ORDER BY ended_at LIMIT $2
         )`,
        [endedBefore, FORGET_MAX],
      )
    },
  }
}
