import { S3ServiceException } from '@aws-sdk/client-s3'
import { ObjectStoreError } from './object-store.ts'

/** S3 says so of a conditional write: the condition failed, another write was under way, or the object is gone. */
const LOST_RACE = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey', 'NoSuchUpload'])
const DIGEST = new Set(['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'])
const NOT_FOUND = 404
const RANGE_NOT_SATISFIABLE = 416

/** Whether S3 answered that there is no such object; a bucket that is missing is a fault of ours. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === NOT_FOUND && nameOf(error) !== 'NoSuchBucket'
}

/** Whether the range begins behind the object's end. */
export function isBeyondEnd(error: unknown): boolean {
  return statusOf(error) === RANGE_NOT_SATISFIABLE
}

/** Whether a conditional write lost against another one. */
export function isLostWrite(error: unknown): boolean {
  return LOST_RACE.has(nameOf(error))
}

/**
 * Runs a call and tells its failure as the port does: the caller's own abort and errors of the body pass through, what
 * S3 or the way to it did becomes an `ObjectStoreError`.
 */
export async function asStoreError<Result>(
  key: string,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ObjectStoreError) throw error
    signal?.throwIfAborted()
    throw storeError(key, error)
  }
}

/** What S3 or the way to it did, as the port tells it. */
export function storeError(key: string, error: unknown): ObjectStoreError {
  const cause = { cause: error }
  if (isLostWrite(error)) {
    return new ObjectStoreError('precondition', key, 'The object is not the one that was to be replaced.', cause)
  }
  if (DIGEST.has(nameOf(error))) {
    return new ObjectStoreError('digest', key, 'The body changed on its way to the store.', cause)
  }
  return new ObjectStoreError('unavailable', key, `The object store does not answer: ${nameOf(error)}.`, cause)
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
