import { queueOf } from '#shared/domain/topology.ts'
import type { TaskQueue, Wake } from '#shared/ports/task-queue/task-queue.ts'
import type { WakeableJob } from './job.ts'
import type { Log } from './log.ts'

/** Sends the wake-ups of jobs whose transaction has committed. */
export interface JobWakes {
  /** Never throws: the job is a row, and a wake-up that got lost is sent again by the sweeper. */
  send: (jobs: readonly WakeableJob[]) => Promise<void>
}

/** Wakes jobs through the queue; what the queue does not take is left to the sweeper. */
export function jobWakes(queue: TaskQueue, log?: Log): JobWakes {
  return {
    send: async jobs => {
      const sent = await Promise.allSettled(jobs.map(job => queue.wake(wakeOf(job))))
      for (const [index, result] of sent.entries()) {
        if (result.status === 'rejected')
          log?.warn({ job_id: jobs[index]?.jobId, err: result.reason }, 'a wake-up was not taken')
      }
    },
  }
}

/** The wake-up of the job's next attempt. Named by the lease token, which only grows: attempts are counted anew by a retry. */
export function wakeOf(job: WakeableJob): Wake {
  return {
    queue: queueOf(job.kind).name,
    jobId: job.jobId,
    attempt: job.leaseToken,
    ...(job.readyAt === undefined ? {} : { notBefore: job.readyAt }),
    ...(job.traceparent === undefined ? {} : { traceparent: job.traceparent }),
  }
}
