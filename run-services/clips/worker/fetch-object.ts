import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { Refusal } from '#shared/domain/refusal.ts'
import { signedFetch } from './signed-fetch.ts'

/** An object to fetch, by a signed URL, and what it must be. */
export type ObjectPiece = { url: string; bytes: number; sha256?: string | undefined }

/**
 * Writes objects one after the other into one file. An object that has other bytes than it should is the refusal
 * `media.rejected`, one that is gone `resource.missing`; a full disk is `storage.full`.
 */
export async function fetchObjects(pieces: readonly ObjectPiece[], path: string, signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'w')
  let at = 0
  for (const piece of pieces) {
    const start = at
    await signedFetch(piece.url, { method: 'GET' }, response => keep(response, piece, file, start), signal)
    at += piece.bytes
  }
}

async function keep(response: Response, piece: ObjectPiece, file: FileHandle, start: number): Promise<void> {
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    if (bytes + chunk.byteLength > piece.bytes) throw changed()
    digest.update(chunk)
    await written(file, chunk, start + bytes)
    bytes += chunk.byteLength
  }
  if (bytes !== piece.bytes) throw changed()
  if (piece.sha256 !== undefined && digest.digest('hex') !== piece.sha256) throw changed()
}

async function written(file: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  try {
    await file.write(chunk, 0, chunk.byteLength, at)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
      throw new Refusal('storage.full', { detail: 'The disk that renders are made on is full.', cause: error })
    }
    throw error
  }
}

function changed(): Refusal {
  return new Refusal('media.rejected', { detail: 'The stored media is not what was recorded: its bytes differ.' })
}
