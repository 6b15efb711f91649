import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { signedFetch } from './signed-fetch.ts'

/** Where one file goes: a signed PUT of exactly that type. */
export type ObjectTarget = { url: string; content_type: string }

/** Puts a file where the signed URL says; gives its size and SHA-256. Safe to repeat. */
export async function storeObject(
  path: string,
  target: ObjectTarget,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer)
  const { size: bytes } = await stat(path)
  const headers = { 'content-type': target.content_type }
  await signedFetch(
    target.url,
    { method: 'PUT', headers, body: await openAsBlob(path, { type: target.content_type }) },
    async response => {
      await response.body?.cancel()
    },
    signal,
  )
  return { bytes, sha256: digest.digest('hex') }
}
