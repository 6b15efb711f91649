import { expect, test } from 'vitest'
import type { EncodeSpec, Transcoder } from '#shared/ports/transcoder/transcoder.ts'

/** A transcoder whose encodes go on by the test's hand. */
export type OpenTranscoder = AsyncDisposable & {
  transcoder: Transcoder
  progress(ref: string, percent: number): void
  finish(ref: string): void
  fail(ref: string, code: number, message: string): void
}

/** A spec that works. */
export const SPEC: EncodeSpec = {
  jobId: '9d5ed678fe57bcca610140957afab571',
  source: 'uploads/upld_1/source',
  prefix: 'play/asst_1/v1/',
  rungs: [
    { name: '720p', width: 1280, height: 720, bitrateKbps: 2_800 },
    { name: '360p', width: 640, height: 360, bitrateKbps: 700 },
  ],
  frameRate: { numerator: 30, denominator: 1 },
  gopS: 2,
  segmentS: 6,
  audio: { bitrateKbps: 96, channels: 2 },
}

/** What every Transcoder promises. */
export function transcoderContract(open: () => Promise<OpenTranscoder>): void {
  test('the same job is one encode however often it is started, another job another', async () => {
    await using at = await open()
    const first = await at.transcoder.start(SPEC)
    expect(await at.transcoder.start(SPEC)).toEqual(first)
    expect((await at.transcoder.start({ ...SPEC, jobId: 'another' })).ref).not.toBe(first.ref)
  })

  test('an encode is told from its start to its manifests', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(SPEC)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'submitted', percent: 0 })
    at.progress(ref, 42)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'progressing', percent: 42 })
    at.finish(ref)
    const done = await at.transcoder.status(ref)
    if (done?.state !== 'done') throw new Error('It is not done.')
    for (const manifest of [done.hls, done.dash]) expect(manifest.startsWith(SPEC.prefix)).toBe(true)
  })

  test('one that failed says why, and stays as it is', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(SPEC)
    at.fail(ref, 1040, 'Error opening the input file.')
    const failed = { state: 'failed', error: { code: '1040', message: 'Error opening the input file.' } }
    expect(await at.transcoder.status(ref)).toEqual(failed)
    await at.transcoder.cancel(ref)
    expect(await at.transcoder.status(ref)).toEqual(failed)
  })

  test('one that is called off is canceled; what is unknown is undefined', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(SPEC)
    await at.transcoder.cancel(ref)
    await at.transcoder.cancel(ref)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'canceled' })
    await at.transcoder.cancel('no-such-encode')
    expect(await at.transcoder.status('no-such-encode')).toBeUndefined()
  })

  test('what can never work is refused', async () => {
    await using at = await open()
    const { audio: _silent, ...silent } = SPEC
    const refused = at.transcoder.start({ ...silent, rungs: [] })
    await expect(refused).rejects.toMatchObject({ code: 'media.rejected' })
  })
}
