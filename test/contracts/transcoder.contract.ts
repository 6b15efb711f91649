import { expect, test } from 'vitest'
import type { EncodeSpec, Transcoder } from '#shared/ports/transcoder/transcoder.ts'

/** A transcoder whose encodes go on when the test lets them, no sooner. */
export type OpenTranscoder = AsyncDisposable & {
  transcoder: Transcoder
  /** Resolves once the encode is under way; gives the percent it is held at. */
  progress(ref: string): Promise<number>
  /** Resolves once it is done. */
  finish(ref: string): Promise<void>
  /** Resolves once it has failed; gives what is to be told of it. */
  fail(ref: string): Promise<{ code: string; message: string }>
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

/** What every Transcoder promises, of encodes of a spec that works. */
export function transcoderContract(open: () => Promise<OpenTranscoder>, spec: EncodeSpec = SPEC): void {
  test('the same job is one encode however often it is started, another job another', async () => {
    await using at = await open()
    const first = await at.transcoder.start(spec)
    expect(await at.transcoder.start(spec)).toEqual(first)
    const twice = await Promise.all([at.transcoder.start(spec), at.transcoder.start(spec)])
    expect(twice).toEqual([first, first])
    expect((await at.transcoder.start({ ...spec, jobId: 'another' })).ref).not.toBe(first.ref)
  })

  test('an encode is told from its start to its manifests', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(spec)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'submitted', percent: 0 })
    const percent = await at.progress(ref)
    expect(percent).toBeGreaterThan(0)
    expect(percent).toBeLessThan(100)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'progressing', percent })
    await at.finish(ref)
    const done = await at.transcoder.status(ref)
    if (done?.state !== 'done') throw new Error('It is not done.')
    for (const manifest of [done.hls, done.dash]) expect(manifest.startsWith(spec.prefix)).toBe(true)
    expect(done.hls).toMatch(/\.m3u8$/u)
    expect(done.dash).toMatch(/\.mpd$/u)
  })

  test('what is done stays done, started again or called off', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(spec)
    await at.finish(ref)
    const done = await at.transcoder.status(ref)
    expect(done).toMatchObject({ state: 'done' })
    await at.transcoder.cancel(ref)
    expect(await at.transcoder.start(spec)).toEqual({ ref })
    expect(await at.transcoder.status(ref)).toEqual(done)
  })

  test('one that failed says why, and stays as it is', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(spec)
    const error = await at.fail(ref)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'failed', error })
    await at.transcoder.cancel(ref)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'failed', error })
  })

  test('one that is called off is canceled; what is unknown is undefined', async () => {
    await using at = await open()
    const { ref } = await at.transcoder.start(spec)
    await at.progress(ref)
    await at.transcoder.cancel(ref)
    await at.transcoder.cancel(ref)
    expect(await at.transcoder.status(ref)).toEqual({ state: 'canceled' })
    await at.transcoder.cancel('no-such-encode')
    expect(await at.transcoder.status('no-such-encode')).toBeUndefined()
  })

  test('a call whose caller gave up rejects with the reason', async () => {
    await using at = await open()
    const gone = AbortSignal.abort(new Error('Enough.'))
    await expect(at.transcoder.start(spec, gone)).rejects.toThrow('Enough.')
    const { ref } = await at.transcoder.start(spec)
    await expect(at.transcoder.status(ref, gone)).rejects.toThrow('Enough.')
    await expect(at.transcoder.cancel(ref, gone)).rejects.toThrow('Enough.')
    expect(await at.transcoder.status(ref)).toEqual({ state: 'submitted', percent: 0 })
  })

  test('what can never work is refused', async () => {
    await using at = await open()
    const { audio: _silent, ...silent } = spec
    const refused = at.transcoder.start({ ...silent, rungs: [] })
    await expect(refused).rejects.toMatchObject({ code: 'media.rejected' })
  })
}
