import type { Clock } from '#shared/domain/clock.ts'
import { pause } from '#shared/service/pause.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { type EncodeRecord, readRecord, type StoredRecord, writeRecord } from './encode-record.ts'

/** How long nobody else may run what a killed process ran, in ms. */
const LEASE_MS = 30_000
const RENEW_MS = 8_000
/** Runs that a process may take with it before the encode counts as impossible. */
export const TRIES_MAX = 5
/** Code of an encode that no run brought to its end. */
export const FAILED = 'encoder.failed'

/** The right to run one encode; as long as `signal` is not aborted nobody else has it. */
export type EncodeLease = AsyncDisposable & {
  record: EncodeRecord
  signal: AbortSignal
  /** Told at the next renewal. */
  percent: number
  /** True when that is now how the encode ended, false when somebody else has written since. */
  end(ended: NonNullable<EncodeRecord['ended']>): Promise<boolean>
  /** For whoever comes next; a run that was given back for no fault of its own does not count. */
  giveBack(blameless: boolean): Promise<void>
}

/** What came of asking for the lease: it, or when to ask again, or that there is nothing to do. */
type LeaseOutcome = { lease: EncodeLease } | { askAgainInMs: number } | 'ended'

type LeaseOptions = {
  store: ObjectStore
  jobId: string
  /** This process, by a name nobody else has. */
  owner: string
  now: Clock
  leaseMs?: number | undefined
}

/** Takes the right to run an encode that has not ended and that no living process runs. */
export async function takeLease(options: LeaseOptions): Promise<LeaseOutcome> {
  const { store, jobId, owner, now, leaseMs = LEASE_MS } = options
  const stored = await readRecord(store, jobId)
  if (stored === undefined || stored.record.ended !== null) return 'ended'
  const { record, etag } = stored
  const heldForMs = (record.lease?.untilMs ?? 0) - now()
  // A clock that was set back must not keep an encode from everybody for long.
  if (heldForMs > 0) return { askAgainInMs: Math.min(heldForMs, leaseMs) }
  if (record.tries >= TRIES_MAX) {
    const error = { code: FAILED, message: `It was given up after ${record.tries} runs that did not end.` }
    await writeRecord(store, { ...record, lease: null, ended: { state: 'failed', error } }, etag)
    return 'ended'
  }
  const { run, tries } = record
  const lease = { owner, untilMs: now() + leaseMs }
  const taken = await writeRecord(store, { ...record, run: run + 1, tries: tries + 1, percent: 0, lease }, etag)
  return taken === undefined ? { askAgainInMs: 0 } : { lease: heldLease(taken, { ...options, leaseMs }) }
}

function heldLease(taken: StoredRecord, options: LeaseOptions & { leaseMs: number }): EncodeLease {
  const { store, owner, now, leaseMs } = options
  const lost = new AbortController()
  const stop = new AbortController()
  let held = taken
  const write = async (change: Partial<EncodeRecord>): Promise<boolean> => {
    const written = await writeRecord(store, { ...held.record, percent: lease.percent, ...change }, held.etag)
    if (written === undefined) lost.abort(new Error('The lease on this encode is lost.'))
    else held = written
    return written !== undefined
  }
  const renew = async (): Promise<void> => {
    try {
      await write({ lease: { owner, untilMs: now() + leaseMs } })
    } catch (error) {
      // The store may be back before the lease has run out.
      if (now() >= (held.record.lease?.untilMs ?? 0)) lost.abort(error)
    }
  }
  const renewing = (async () => {
    while (!stop.signal.aborted && !lost.signal.aborted) {
      await pause(Math.min(RENEW_MS, leaseMs / 3), stop.signal)
      if (!stop.signal.aborted) await renew()
    }
  })()
  const settle = async (): Promise<void> => {
    stop.abort()
    await renewing
  }
  const lease: EncodeLease = {
    record: taken.record,
    signal: lost.signal,
    percent: 0,
    async end(ended) {
      await settle()
      return !lost.signal.aborted && (await write({ lease: null, ended }))
    },
    async giveBack(blameless) {
      await settle()
      if (lost.signal.aborted) return
      lease.percent = 0
      await write({ lease: null, tries: held.record.tries - (blameless ? 1 : 0) })
    },
    [Symbol.asyncDispose]: settle,
  }
  return lease
}
