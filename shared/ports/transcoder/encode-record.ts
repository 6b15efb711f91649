import { z } from 'zod'
import { type ObjectStore, ObjectStoreError } from '../object-store/object-store.ts'
import { encodeSpecSchema } from './encode-spec.ts'
import type { EncodeStatus } from './transcoder.ts'

const recordSchema = z.object({
  spec: encodeSpecSchema,
  /** Which run it is, from 1; its media lie in a folder of their own. */
  run: z.int(),
  /** Runs that were not given back. */
  tries: z.int(),
  percent: z.number(),
  /** Who runs it, and until when (epoch ms) nobody else may. */
  lease: z.object({ owner: z.string(), untilMs: z.number() }).nullable(),
  ended: z
    .discriminatedUnion('state', [
      z.object({ state: z.literal('done'), hls: z.string(), dash: z.string() }),
      z.object({ state: z.literal('failed'), error: z.object({ code: z.string(), message: z.string() }) }),
      z.object({ state: z.literal('canceled') }),
    ])
    .nullable(),
})

/** All that is known of an encode, kept as one small object. */
export type EncodeRecord = z.infer<typeof recordSchema>
/** A record as it is stored; `etag` is what the next write must replace. */
export type StoredRecord = { record: EncodeRecord; etag: string }

const FOLDER = 'transcodes'
const BYTES_MAX = 64 * 1024
/** Reads that may meet a write and are made again. */
const READS_MAX = 5

function keyOf(jobId: string): string {
  return `${FOLDER}/${jobId}.json`
}

/** What a record says to whoever asks. */
export function statusOf({ ended, percent }: EncodeRecord): EncodeStatus {
  return ended ?? { state: percent > 0 ? 'progressing' : 'submitted', percent }
}

/** The record of a job as it is now; undefined when there is none. */
export async function readRecord(
  store: ObjectStore,
  jobId: string,
  signal?: AbortSignal,
): Promise<StoredRecord | undefined> {
  for (let reads = 1; ; reads += 1) {
    try {
      return await readOnce(store, keyOf(jobId), signal)
    } catch (error) {
      const replaced = error instanceof ObjectStoreError && error.kind === 'unavailable'
      if (!replaced || reads === READS_MAX) throw error
    }
  }
}

async function readOnce(store: ObjectStore, key: string, signal?: AbortSignal): Promise<StoredRecord | undefined> {
  const object = await store.get(key, signal === undefined ? {} : { signal })
  if (object === undefined) return undefined
  if (object.bytes > BYTES_MAX) throw new Error(`${key} is no record of an encode.`)
  const chunks: Uint8Array[] = []
  for await (const chunk of object.body) chunks.push(chunk)
  return { record: recordSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))), etag: object.etag }
}

/** Replaces what `etag` names (`absent`: nothing); undefined when somebody else has written meanwhile. */
export async function writeRecord(
  store: ObjectStore,
  record: EncodeRecord,
  etag: string,
  signal?: AbortSignal,
): Promise<StoredRecord | undefined> {
  const text = JSON.stringify(record)
  try {
    const put = await store.put(keyOf(record.spec.jobId), Buffer.from(text), {
      contentType: 'application/json',
      ifMatch: etag,
      ...(signal === undefined ? {} : { signal }),
    })
    return { record, etag: put.etag }
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.kind !== 'precondition') throw error
    // A write whose answer was lost and that was made again meets itself.
    const there = await readRecord(store, record.spec.jobId, signal)
    return there !== undefined && JSON.stringify(there.record) === text ? there : undefined
  }
}
