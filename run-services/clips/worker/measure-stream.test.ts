import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { jpegSize } from '#shared/media/clip/jpeg-size.ts'
import { BoxSplitter, concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { createLog } from '#shared/service/log.ts'
import { isRetryable } from '#shared/service/task-routes.ts'
import { sha256Of, type SignedStore, signedStore } from '#test/helpers/signed-store.ts'
import { type MeasurePayload, measureResult } from '../measure-job.ts'
import { measureStream } from './measure-stream.ts'

const run = promisify(execFile)
/** Where the encoder's clock stands when the stretch begins, in s: measured values count from the stretch, not from it. */
const BEGINS_S = 600
const BYTES_MAX = 64 * 1024 * 1024
const STRIP = 'play/show/strip/0-2.jpg'

const folder = mkdtempSync(join(tmpdir(), 'showreel-measure-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let objects: SignedStore
beforeEach(async () => {
  objects = await signedStore()
})
afterEach(() => objects[Symbol.asyncDispose]())

/** Six seconds: still gray, from 3 s on a bright one; silent but for a tone between 2 s and 3 s. */
function recorded(kind: 'video' | 'audio'): { init: Uint8Array; segments: Uint8Array[] } {
  const path = join(folder, `${kind}.mp4`)
  const source = {
    video: [
      'color=c=0x202020:s=320x180:r=30:d=3[a];color=c=0xe0e0e0:s=320x180:r=30:d=3[b];[a][b]concat',
      '-c:v',
      'libx264',
      '-bf',
      '0',
      '-g',
      '60',
      '-pix_fmt',
      'yuv420p',
    ],
    audio: [`aevalsrc='between(t,2,3)*0.5*sin(2*PI*440*t)':s=48000:d=6`, '-c:a', 'aac', '-ac', '2'],
  }[kind]
  const cmaf = ['-movflags', '+cmaf+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '2000000']
  const args = [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    ...source,
    '-output_ts_offset',
    String(BEGINS_S),
    ...cmaf,
    path,
  ]
  execFileSync('ffmpeg', args)
  const boxes = new BoxSplitter(BYTES_MAX).push(readFileSync(path))
  const of = (from: number, to: number) => concatBytes(boxes.slice(from, to).map(({ bytes }) => bytes))
  const fragments = boxes.flatMap(({ type }, index) => (type === 'moof' ? [index] : []))
  return { init: of(0, fragments[0] ?? 0), segments: fragments.map(at => of(at, at + 2)) }
}

async function stored(kind: 'video' | 'audio'): Promise<MeasurePayload['video']> {
  const { init, segments } = recorded(kind)
  const piece = async (bytes: Uint8Array, name: string) => {
    const key = `play/show/${kind}/${name}`
    await objects.store.put(key, bytes, { contentType: 'video/mp4' })
    return { url: await objects.get(key), bytes: bytes.length, sha256: sha256Of(bytes) }
  }
  return {
    init: await piece(init, 'init.mp4'),
    segments: await Promise.all(segments.map((bytes, index) => piece(bytes, `${index}.m4s`))),
  }
}

async function measured(change: (payload: MeasurePayload) => MeasurePayload = payload => payload) {
  const payload = change({
    from_ms: 30_000,
    to_ms: 36_000,
    video: await stored('video'),
    audio: await stored('audio'),
    strip: { key: STRIP, url: await objects.put(STRIP, 'image/jpeg'), content_type: 'image/jpeg' },
  })
  const job = {
    id: 'job',
    kind: 'measure-stream',
    subjectId: 'strm',
    attempt: 1,
    input: {},
    payload,
    checkpoint: undefined,
  }
  const context = {
    save: () => Promise.resolve(),
    signal: new AbortController().signal,
    log: createLog({ service: 'measure-test', level: 'fatal' }),
  }
  return measureResult.parse(await measureStream(job, context))
}

test('a stretch gives its loud moment, its cut and a sheet of pictures, each in its place', async () => {
  const { from_ms, to_ms, loudness_lufs, motion, strip } = await measured()
  expect([from_ms, to_ms, loudness_lufs.length, motion.length]).toEqual([30_000, 36_000, 12, 12])
  for (const slot of [4, 5]) expect(loudness_lufs[slot]).toBeGreaterThan(-15)
  for (const slot of [0, 1, 2, 8, 9, 10, 11]) expect(loudness_lufs[slot]).toBe(-70)
  expect(motion).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
  const sheet = await objects.read(STRIP)
  expect(strip).toEqual({
    key: STRIP,
    bytes: sheet.length,
    sha256: sha256Of(sheet),
    every_ms: 2_000,
    columns: 3,
    frames: 3,
    width: 160,
    height: 90,
  })
  expect(jpegSize(sheet)).toEqual({ width: 480, height: 90 })
  const path = join(folder, 'sheet.raw')
  await objects.store.get(STRIP)
  const gray = run('ffmpeg', [
    '-v',
    'error',
    '-f',
    'image2pipe',
    '-i',
    'pipe:0',
    '-vf',
    'scale=3:1:flags=area,format=gray',
    '-f',
    'rawvideo',
    '-y',
    path,
  ])
  gray.child.stdin?.end(sheet)
  await gray
  const [first = 0, second = 0, third = 0] = readFileSync(path)
  expect(first).toBeLessThan(60)
  expect(second).toBeLessThan(60)
  expect(third).toBeGreaterThan(180)
}, 120_000)

test('a show without sound is silent, and its pictures are measured all the same', async () => {
  const { loudness_lufs, motion } = await measured(payload => ({ ...payload, audio: null }))
  expect(new Set(loudness_lufs)).toEqual(new Set([-70]))
  expect(motion[6]).toBe(1)
}, 120_000)

test('media that is gone, changed or no media at all ends the job', async () => {
  const absent = await objects.get('play/show/video/9.m4s')
  const [segment] = (await stored('video')).segments
  const changes: [string, (payload: MeasurePayload) => MeasurePayload][] = [
    [
      'resource.missing',
      payload => ({ ...payload, video: { ...payload.video, segments: [{ url: absent, bytes: 9 }] } }),
    ],
    [
      'media.rejected',
      payload => ({ ...payload, video: { ...payload.video, init: { ...payload.video.init, sha256: '0'.repeat(64) } } }),
    ],
    ['media.rejected', payload => ({ ...payload, video: { ...payload.video, init: segment ?? payload.video.init } })],
    ['request.invalid', payload => ({ ...payload, to_ms: payload.from_ms })],
  ]
  for (const [code, change] of changes) {
    const failure: unknown = await measured(change).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code })
    expect(isRetryable(failure)).toBe(false)
  }
  expect(objects.puts).toEqual([])
}, 120_000)
