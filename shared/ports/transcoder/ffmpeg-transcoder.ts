import { Refusal } from '#shared/domain/refusal.ts'
import { type ObjectStore, ObjectStoreError } from '../object-store/object-store.ts'
import { foldersOf, sweepObjects } from './encode-folders.ts'
import { type EncodeRecord, readRecord, statusOf, writeRecord } from './encode-record.ts'
import { checkedSpec } from './encode-spec.ts'
import { type EncodesOptions, encodesUnderway } from './encodes-underway.ts'
import type { Transcoder } from './transcoder.ts'

const RETRY_AFTER_S = 30
/** Changes that others may make to a record while one tries to. */
const WRITES_MAX = 20
const REF = /^[A-Za-z0-9-]{1,64}$/u

/**
 * The embedded transcoder: ffmpeg in the sandbox, from an object store and back into it.
 *
 * An encode is one record in the store, so the same job is one encode across processes and restarts: whoever starts it again
 * takes it up when the process that ran it is gone. Each run has a folder of its own under the prefix and the record alone
 * says which one counts, so nothing a late process still writes is ever seen.
 */
export function ffmpegTranscoder(options: EncodesOptions): Transcoder & AsyncDisposable {
  const { store } = options
  const underway = encodesUnderway(options)
  return {
    start: (spec, signal) =>
      told(async () => {
        const checked = checkedSpec(spec)
        const { ended } = await accepted(store, checked, signal)
        if (ended === null && !underway.takeUp(checked.jobId)) throw unavailable('No more encodes are taken now.')
        return { ref: checked.jobId }
      }, signal),
    status: (ref, signal) =>
      told(async () => {
        const found = REF.test(ref) ? await readRecord(store, ref, signal) : undefined
        if (found === undefined) return undefined
        const { record } = found
        return statusOf({ ...record, percent: Math.max(record.percent, underway.percentOf(ref)) })
      }, signal),
    cancel: (ref, signal) =>
      told(async () => {
        const record = REF.test(ref) ? await canceled(store, ref, signal) : undefined
        if (record === undefined) return
        await underway.callOff(ref)
        await sweepObjects(store, foldersOf(record))
      }, signal),
    [Symbol.asyncDispose]: () => underway[Symbol.asyncDispose](),
  }
}

/** The record of this job: its first, or the one that is there. */
async function accepted(store: ObjectStore, spec: EncodeRecord['spec'], signal?: AbortSignal): Promise<EncodeRecord> {
  const found = await readRecord(store, spec.jobId, signal)
  if (found !== undefined) return found.record
  const record = { spec, run: 0, tries: 0, percent: 0, lease: null, ended: null }
  const made = (await writeRecord(store, record, 'absent', signal)) ?? (await readRecord(store, spec.jobId, signal))
  if (made === undefined) throw unavailable('The record of the encode vanished.')
  return made.record
}

/** The record after the encode was called off; undefined when there is nothing to call off. */
async function canceled(store: ObjectStore, jobId: string, signal?: AbortSignal): Promise<EncodeRecord | undefined> {
  for (let writes = 0; writes < WRITES_MAX; writes += 1) {
    const found = await readRecord(store, jobId, signal)
    if (found === undefined) return undefined
    const { record, etag } = found
    if (record.ended !== null) return record.ended.state === 'canceled' ? record : undefined
    const written = await writeRecord(store, { ...record, lease: null, ended: { state: 'canceled' } }, etag, signal)
    if (written !== undefined) return written.record
  }
  throw unavailable('Others kept changing the encode.')
}

function unavailable(detail: string, cause?: unknown): Refusal {
  return new Refusal('service.unavailable', { detail, retryAfterS: RETRY_AFTER_S, cause })
}

/** Runs one verb; what the store failed at is the refusal that the port names. */
async function told<Answer>(verb: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  signal?.throwIfAborted()
  try {
    return await verb()
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof ObjectStoreError)) throw error
    throw unavailable('The object store does not answer.', error)
  }
}
