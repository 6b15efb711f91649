import { Refusal } from '#shared/domain/refusal.ts'

/** Largest answer taken: a segment of 10 s at 40 Mbit/s, in bytes. */
const BYTES_MAX = 50 * 1024 * 1024
const CALL_MS_MAX = 5_000

/** The bytes of a file of the media origin; undefined when it has none. Throws `service.unavailable` when it is away. */
export async function readOrigin(url: URL, signal: AbortSignal): Promise<Buffer | undefined> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS_MAX)]),
      redirect: 'manual',
    })
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > BYTES_MAX) {
      await response.body?.cancel()
      return undefined
    }
    return Buffer.from(await response.arrayBuffer())
  } catch (error) {
    signal.throwIfAborted()
    throw new Refusal('service.unavailable', {
      detail: 'The media origin does not answer; try again.',
      retryAfterS: 1,
      cause: error,
    })
  }
}
