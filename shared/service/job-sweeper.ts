import type { Clock } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import { type JobStore, LEASE_EXPIRED } from './job-store.ts'
import { wakeOf } from './job-wakes.ts'
import type { Log } from './log.ts'
import { pause } from './pause.ts'

export type SweepOptions = { jobs: JobStore; queue: TaskQueue; now: Clock }
export type Sweep = { woken: number; returned: number; dead: number }

/** A job that could have run for this long has lost its wake-up, in ms. */
const FORGOTTEN_MS = 30_000
/** Jobs looked at in one sweep. */
const BATCH_MAX = 200
const MS_PER_S = 1000

/**
 * Wakes jobs whose wake-up got lost and takes jobs back from workers that stopped reporting; those without an attempt
 * left die. Several sweepers at once do no harm.
 */
export async function sweepJobs(options: SweepOptions): Promise<Sweep> {
  const { jobs, queue, now } = options
  const sweep = { woken: 0, returned: 0, dead: 0 }
  for (const job of await jobs.expired(BATCH_MAX)) {
    try {
      const left = await jobs.fail(job.jobId, job.leaseToken, LEASE_EXPIRED, true)
      if (left.state === 'dead') sweep.dead += 1
      else {
        sweep.returned += 1
        await queue.wake(wakeOf(left))
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }
  // A queue refuses a name it has seen; the window's number makes a new one, the same for every sweeper.
  const window = Math.floor(now() / FORGOTTEN_MS)
  for (const job of await jobs.ready(BATCH_MAX, FORGOTTEN_MS)) {
    await queue.wake({ ...wakeOf(job), attempt: window })
    sweep.woken += 1
  }
  return sweep
}

/** Sweeps every so many seconds until the signal aborts; a sweep that fails is logged and the next one tries again. */
export async function startSweeper(
  options: SweepOptions & { everyS: number; signal: AbortSignal; log: Log },
): Promise<void> {
  while (!options.signal.aborted) {
    try {
      const sweep = await sweepJobs(options)
      if (sweep.woken + sweep.returned + sweep.dead > 0) options.log.info(sweep, 'jobs were swept')
    } catch (error) {
      options.log.warn({ err: error }, 'a sweep of jobs failed')
    }
    await pause(options.everyS * MS_PER_S, options.signal)
  }
}
