/** One wake-up of one attempt of a job. */
export type Wake = {
  queue: string
  jobId: string
  attempt: number
  /** Earliest delivery; now when absent. */
  notBefore?: string
  traceparent?: string
}

/** Only runs a POST to `/tasks/<kind>` with `{job_id}`; losing or doubling one is harmless because the job is a row. */
export interface TaskQueue {
  /**
   * Asks for one call. The task's name is `<jobId>-<attempt>`; a name that was used before is ignored, where the queue
   * remembers names. Resolves when the queue holds it. Called after the commit that made the job, never inside a transaction.
   */
  wake(wake: Wake, signal?: AbortSignal): Promise<void>
}
