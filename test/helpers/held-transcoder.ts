import { expect } from 'vitest'
import type { EncodeStatus, Transcoder } from '#shared/ports/transcoder/transcoder.ts'
import type { OpenTranscoder } from '../contracts/transcoder.contract.ts'
import { eventually } from './eventually.ts'
import { hookedStore, SMALL, type StoreHook, type TranscoderRig } from './transcoder-rig.ts'

/** Room for an encode of three small seconds on a busy machine, in ms. */
export const ENCODED_MS = 60_000

/** A place where the store waits until the test opens it. */
export function gate(): { open: () => void; reached: Promise<void>; pass: (signal?: AbortSignal) => Promise<void> } {
  const opened = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const pass = async (signal?: AbortSignal): Promise<void> => {
    reached.resolve()
    const aborted = Promise.withResolvers<never>()
    const abort = (): void => aborted.reject(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    await Promise.race([opened.promise, aborted.promise])
  }
  return { open: opened.resolve, reached: reached.promise, pass }
}

export const isMedia = (key: string): boolean => key.endsWith('.m4s')
export const ended = async (transcoder: Transcoder, ref: string): Promise<EncodeStatus> =>
  await eventually(
    async () => (await transcoder.status(ref)) ?? { state: 'submitted', percent: 0 },
    ({ state }) => expect(['done', 'failed', 'canceled']).toContain(state),
    { withinMs: ENCODED_MS },
  )

/** A transcoder whose store waits at the source and at the first segment. */
export function heldTranscoder(rig: TranscoderRig): OpenTranscoder {
  const [atSource, atSegment] = [gate(), gate()]
  const hook: StoreHook = async (verb, key, signal) => {
    if (verb === 'get' && key === SMALL.source) await atSource.pass(signal)
    if (verb === 'put' && isMedia(key)) await atSegment.pass(signal)
  }
  const transcoder = rig.transcoder({ store: hookedStore(rig.store, hook) })
  return {
    transcoder,
    progress: async ref => {
      atSource.open()
      await atSegment.reached
      const status = await transcoder.status(ref)
      return status !== undefined && 'percent' in status ? status.percent : Number.NaN
    },
    finish: async ref => {
      atSource.open()
      atSegment.open()
      await ended(transcoder, ref)
    },
    fail: async ref => {
      await rig.store.put(SMALL.source, Buffer.from('#EXTM3U\nfile:///etc/passwd\n'), { contentType: 'video/mp4' })
      atSource.open()
      await ended(transcoder, ref)
      return { code: 'media.rejected', message: 'It is none of MP4, QuickTime, Matroska, WebM, FLV and MPEG-TS.' }
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  }
}
