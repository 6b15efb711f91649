import { type Queue, QUEUES } from '#shared/domain/topology.ts'
import type { TaskQueue } from './task-queue.ts'

/** One queue of wake-ups before two: a job wakes where its row in the topology says that it runs. */
export function queueByRunner(
  runners: Readonly<Record<Queue['runner'], TaskQueue>>,
  queues: readonly Queue[] = QUEUES,
): TaskQueue {
  return {
    async wake(wake, signal) {
      const queue = queues.find(({ name }) => name === wake.queue)
      if (queue === undefined) throw new Error(`The topology has no queue ${wake.queue}.`)
      await runners[queue.runner].wake(wake, signal)
    },
  }
}
