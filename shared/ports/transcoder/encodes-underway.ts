import { randomBytes } from 'node:crypto'
import type { Clock } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import type { Log } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'
import { slots } from '#shared/service/slots.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { folderOf, sweepObjects } from './encode-folders.ts'
import { type EncodeLease, FAILED, takeLease, TRIES_MAX } from './encode-lease.ts'
import { encodeRun } from './encode-run.ts'

export type EncodesOptions = {
  /** Where sources lie, results go and what is known of each encode is kept. */
  store: ObjectStore
  /** Uploads want level 2. */
  sandbox: Sandbox
  log: Log
  now: Clock
  /** Encodes that run at the same time, one when absent; each uses all cores. */
  atOnce?: number
  /** Where encodes work on files; the system's folder for such when absent. */
  scratch?: string
  /** How long an encode waits for a process that was killed, in ms; 30 s when absent. */
  leaseMs?: number
}

/** The encodes that one process runs, waits with, or waits for another process with. */
export type EncodesUnderway = AsyncDisposable & {
  /** Follows an encode to its end; false when there is no room for it. */
  takeUp(jobId: string): boolean
  /** How far the encode is here; 0 when it is not. */
  percentOf(jobId: string): number
  /** Resolves once nothing of it runs here any more. */
  callOff(jobId: string): Promise<void>
}

type Underway = { stop: AbortController; percent: number; done: Promise<void> }

/** Encodes under way in one process, waiting ones included. */
const JOBS_MAX = 256
/** Between two runs of an encode that failed for no fault of its source, in ms; times the runs so far. */
const AGAIN_MS = 2_000

/** Runs encodes in turn, each by its lease. */
export function encodesUnderway(options: EncodesOptions): EncodesUnderway {
  const owner = randomBytes(12).toString('hex')
  const inTurn = slots(options.atOnce ?? 1, JOBS_MAX)
  const underway = new Map<string, Underway>()
  let over = false

  async function follow(jobId: string, job: Underway): Promise<void> {
    const { signal } = job.stop
    while (!signal.aborted) {
      const againInMs = await inTurn(() => runOnce(options, owner, jobId, job)).catch((error: unknown) => {
        options.log.warn({ err: error, job_id: jobId }, 'an encode could not be looked after')
        return AGAIN_MS
      })
      if (againInMs === undefined) return
      await pause(againInMs, signal)
    }
  }

  return {
    takeUp(jobId) {
      if (underway.has(jobId)) return true
      if (over || underway.size >= JOBS_MAX) return false
      const job: Underway = { stop: new AbortController(), percent: 0, done: Promise.resolve() }
      underway.set(jobId, job)
      job.done = follow(jobId, job).finally(() => underway.delete(jobId))
      return true
    },
    percentOf: jobId => underway.get(jobId)?.percent ?? 0,
    async callOff(jobId) {
      const job = underway.get(jobId)
      job?.stop.abort(new Error('The encode was called off.'))
      await job?.done
    },
    async [Symbol.asyncDispose]() {
      over = true
      const jobs = [...underway.values()]
      for (const { stop } of jobs) stop.abort(new Error('The transcoder ends.'))
      await Promise.all(jobs.map(({ done }) => done))
    },
  }
}

/** One run of an encode, if it is nobody else's; gives when to look again, in ms, undefined when it has ended. */
async function runOnce(
  options: EncodesOptions,
  owner: string,
  jobId: string,
  job: Underway,
): Promise<number | undefined> {
  const { store, sandbox, scratch } = options
  const stop = job.stop.signal
  if (stop.aborted) return undefined
  const outcome = await takeLease({ ...options, jobId, owner })
  if (outcome === 'ended') return undefined
  if ('askAgainInMs' in outcome) return outcome.askAgainInMs
  await using lease = outcome.lease
  const { record } = lease
  const folder = folderOf(record)
  const signal = AbortSignal.any([stop, lease.signal])
  const onPercent = (percent: number): void => {
    job.percent = Math.floor(percent)
    lease.percent = job.percent
  }
  onPercent(0)
  let made: { hls: string; dash: string }
  try {
    for (let run = 1; run < record.run; run += 1) await sweepObjects(store, folderOf(record, run))
    made = await encodeRun({ store, sandbox, scratch, spec: record.spec, folder, signal, onPercent })
  } catch (error) {
    await sweepObjects(store, folder)
    if (lease.signal.aborted) return 0
    return await afterFailure(error, lease, stop, options.log)
  }
  // When this throws nobody knows what the record says: the media stay until the next run looks.
  if (await lease.end({ state: 'done', ...made })) return undefined
  await sweepObjects(store, folder)
  return 0
}

async function afterFailure(
  error: unknown,
  lease: EncodeLease,
  stop: AbortSignal,
  log: Log,
): Promise<number | undefined> {
  const { tries, run, spec } = lease.record
  if (stop.aborted) {
    await lease.giveBack(true)
    return undefined
  }
  log.warn({ err: error, job_id: spec.jobId, run }, 'an encode failed')
  const hopeless = error instanceof Refusal && (error.code === 'media.rejected' || error.code === 'resource.missing')
  if (!hopeless && tries < TRIES_MAX) {
    await lease.giveBack(false)
    return AGAIN_MS * tries
  }
  const message = error instanceof Error ? error.message : 'It failed without a reason.'
  const told = hopeless ? { code: error.code, message } : { code: FAILED, message: `Run ${tries} of it: ${message}` }
  await lease.end({ state: 'failed', error: told })
  return undefined
}
