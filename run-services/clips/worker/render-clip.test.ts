import { execFile, execFileSync, type ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { isRetryable } from '#shared/service/task-routes.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { readFrameNumbers, readSamples } from '#test/helpers/frame-clock-reader.ts'
import { cutAcross, cutOf, type MarkedCut } from '#test/helpers/marked-cut.ts'
import { findBeeps } from '#shared/media/marked/marked-media-beeps.ts'
import { markedMedia } from '#test/helpers/marked-media.ts'
import { renderBench } from '#test/helpers/render-bench.ts'
import { smallDisk } from '#test/helpers/small-disk.ts'

const FPS = 30
const FROM_MS = 1_234
const TO_MS = 4_234
const FIRST_FRAME = 38
/** Longest one test may take on a busy machine, in ms. */
const LIMIT_MS = 120_000
const SHAPES = ['wide', 'vertical', 'square']
const run = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'showreel-render-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let cut: MarkedCut
beforeAll(async () => {
  const media = await markedMedia({ fps: FPS, seconds: 8, width: 320, height: 180 })
  cut = await cutOf(media.path, FROM_MS, TO_MS)
}, LIMIT_MS)

/** Loudness (LUFS) and true peak (dBTP), by a meter of the test's own over the stored file. */
async function loudness(file: string): Promise<{ lufs: number; peakDb: number }> {
  const args = [
    '-hide_banner',
    '-nostats',
    '-i',
    file,
    '-vn',
    '-af',
    'ebur128=peak=true:framelog=verbose',
    '-f',
    'null',
    '-',
  ]
  const { stderr } = await run('ffmpeg', args)
  const figure = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1] ?? Number.NaN)
  return { lufs: figure(/\sI:\s+(-?[\d.]+) LUFS/u), peakDb: figure(/Peak:\s+(-?[\d.]+) dBFS/u) }
}

/** Every ffmpeg that makes something, from now until the test ends. */
function startedTools(): () => ChildProcess[] {
  const children: ChildProcess[] = []
  const note = (message: unknown): void => void children.push((message as { process: ChildProcess }).process)
  subscribe('child_process', note)
  onTestFinished(() => void unsubscribe('child_process', note))
  return () => children.filter(({ spawnargs }) => spawnargs.includes('-filter_complex'))
}

const decodesVideo = ({ spawnargs }: ChildProcess) => spawnargs.some(word => word.includes('[0:v:0]'))
const leftovers = () => readdirSync(tmpdir()).filter(name => name.startsWith(`showreel-clip-${process.pid}-`))

async function filesOf(bench: Awaited<ReturnType<typeof renderBench>>, stored: { name: string; uri: string }[]) {
  const paths: Record<string, string> = {}
  for (const { name, uri } of stored) {
    paths[name] = join(folder, `${Math.random().toString(36).slice(2)}-${uri.split('/').at(-1) ?? ''}`)
    writeFileSync(paths[name], await bench.objects.read(uri))
  }
  return (name: string) => paths[name] ?? ''
}

test(
  'a render has every frame of the cut in every shape, sound with its picture, at -16 LUFS, from one decode after the look',
  async () => {
    const started = startedTools()
    await using bench = await renderBench(cut)
    const { stored, loudness_lufs } = await bench.render()
    expect(stored.map(({ name }) => name)).toEqual([...SHAPES, 'poster', 'filmstrip', 'storyboard'])
    expect(stored).toMatchObject([
      { width: 320, height: 180, frames: 90 },
      { width: 100, height: 180, frames: 90 },
      { width: 180, height: 180, frames: 90 },
      { width: 320, height: 180 },
      { width: 480, height: 90 },
      { content_type: 'text/vtt' },
    ])
    expect(started().filter(decodesVideo)).toHaveLength(2)

    const file = await filesOf(bench, stored)
    const frames = await readFrameNumbers(file('wide'))
    expect(frames.map(({ frame }) => frame)).toEqual(Array.from({ length: 90 }, (_, index) => FIRST_FRAME + index))
    for (const [index, { ptsS }] of frames.entries()) expect(Math.abs(ptsS - index / FPS)).toBeLessThan(0.002)
    for (const shape of SHAPES) {
      expect(stored.find(({ name }) => name === shape)?.duration_ms ?? 0).toBeCloseTo(3_000, -1)
      const beeps = findBeeps(await readSamples(file(shape)))
      expect(beeps.length).toBe(3)
      for (const [index, { atS }] of beeps.entries()) {
        expect(Math.abs(atS - (2 + index - FIRST_FRAME / FPS))).toBeLessThan(0.04)
      }
      const { lufs, peakDb } = await loudness(file(shape))
      expect(Math.abs(lufs + 16)).toBeLessThan(1)
      expect(peakDb).toBeLessThanOrEqual(-1.5)
    }
    expect(Math.abs((loudness_lufs ?? 0) + 16)).toBeLessThan(1)
    expect(leftovers()).toEqual([])
  },
  LIMIT_MS,
)

test.each([
  [
    'quiet with sharp peaks',
    `aevalsrc='0.02*sin(2*PI*440*t)+if(lt(mod(t,1),0.01),0.9*sin(2*PI*1000*t),0)':s=48000:d=2`,
  ],
  ['far too loud', `aevalsrc='2.5*sin(2*PI*300*t)*sin(2*PI*1.3*t)':s=48000:d=2`],
  ['one channel, almost nothing', `anoisesrc=d=2:c=pink:a=0.01:r=44100`],
])(
  'sound that is %s comes out at -16 LUFS and below -1.5 dBTP',
  async (_, source) => {
    const path = join(folder, `${Math.random().toString(36).slice(2)}.mp4`)
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x36:r=10:d=2', '-c:v', 'libx264', '-bf', '0', '-g', '20']
    const sound = ['-f', 'lavfi', '-i', source, '-c:a', 'aac', '-b:a', '160k']
    execFileSync('ffmpeg', [
      '-v',
      'error',
      ...picture.slice(0, 4),
      ...sound.slice(0, 4),
      ...picture.slice(4),
      ...sound.slice(4),
      '-pix_fmt',
      'yuv420p',
      path,
    ])
    await using bench = await renderBench(await cutOf(path, 0, 2_000))
    const { stored } = await bench.render()
    const { lufs, peakDb } = await loudness((await filesOf(bench, stored))('vertical'))
    expect(Math.abs(lufs + 16)).toBeLessThan(1)
    expect(peakDb).toBeLessThanOrEqual(-1.5)
  },
  60_000,
)

test(
  'a publisher that came back with another size is rendered in one size, every frame of both, sound in its place',
  async () => {
    const small = await markedMedia({ fps: FPS, seconds: 8, width: 320, height: 180 })
    const large = await markedMedia({ fps: FPS, seconds: 8, width: 480, height: 270 })
    const across = await cutAcross([small.path, large.path], 3_000, 2_000, 5_000)
    await using bench = await renderBench(across)
    const { stored } = await bench.render()
    const file = await filesOf(bench, stored)
    const numbers = (await readFrameNumbers(file('wide'))).map(({ frame }) => frame)
    const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index)
    expect(numbers).toEqual([...from(60, 30), ...from(0, across.frames - 30)])
    expect(stored[4]).toMatchObject({ width: 480, height: 90 })
    const { lufs } = await loudness(file('square'))
    expect(Math.abs(lufs + 16)).toBeLessThan(1)
  },
  LIMIT_MS,
)

test(
  'presets are files that platforms take, whatever the size of the source',
  async () => {
    const path = join(folder, 'tiny.mp4')
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x36:r=10:d=1', '-c:v', 'libx264', '-bf', '0']
    execFileSync('ffmpeg', ['-v', 'error', ...picture, '-pix_fmt', 'yuv420p', path])
    await using bench = await renderBench(await cutOf(path, 0, 1_000, { sound: false }))
    const { stored } = await bench.render({ presets: ['shorts', 'story', 'square-post'] })
    expect(stored.slice(6)).toMatchObject([
      { name: 'shorts', width: 1080, height: 1920, frames: 10, duration_ms: 1_000 },
      { name: 'story', width: 720, height: 1280, frames: 10, duration_ms: 1_000 },
      { name: 'square-post', width: 1080, height: 1080, frames: 10, duration_ms: 1_000 },
    ])
  },
  LIMIT_MS,
)

/** A bright box on gray that moves evenly; its middle in the picture `atS` is `boxAt(atS)`. */
const boxAt = (atS: number) => 45 + 60 * atS
async function movingBox(): Promise<MarkedCut> {
  const path = join(folder, 'box.mp4')
  const graph = `color=c=gray:s=320x180:r=30:d=4[g];color=c=white:s=30x60:r=30:d=4[b];[g][b]overlay=x='30+60*t':y=60`
  const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', graph, '-c:v', 'libx264', '-bf', '0', '-g', '60']
  execFileSync('ffmpeg', [...args, '-pix_fmt', 'yuv420p', path])
  return cutOf(path, 0, 4_000, { sound: false })
}

/** Middle of what is bright in each picture of a video. */
async function brightMiddles(file: string, width: number): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-i',
    file,
    '-vf',
    `crop=iw:2:0:90,format=gray`,
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-',
  ]
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 8 * 1024 * 1024 })
  return Array.from({ length: stdout.length / width / 2 }, (_, frame) => {
    const row = stdout.subarray(frame * width * 2, frame * width * 2 + width)
    const bright = [...row.entries()].filter(([, gray]) => gray > 200).map(([x]) => x)
    return bright.reduce((sum, x) => sum + x, 0) / bright.length
  })
}

test(
  'the crop follows what moves within a tenth of the width, and stays where a person put it',
  async () => {
    await using bench = await renderBench(await movingBox())
    const followed = await bench.render({ version: 1 })
    expect(followed.loudness_lufs).toBeNull()
    const middles = await brightMiddles((await filesOf(bench, followed.stored))('vertical'), 100)
    expect(middles).toHaveLength(120)
    for (const [frame, middle] of middles.entries()) {
      // At the edges of the source the crop has nowhere to go.
      const ideal = Math.min(270, Math.max(50, boxAt(frame / FPS)))
      expect(Math.abs(middle - 50 - (boxAt(frame / FPS) - ideal))).toBeLessThan(32)
    }
    const fixed = await bench.render({ version: 2, crop: { center: 0.5 } })
    const still = await brightMiddles((await filesOf(bench, fixed.stored))('vertical'), 100)
    // The crop shows 110 to 210 of the source.
    for (const frame of [42, 60, 75]) expect(Math.abs((still[frame] ?? 0) - (boxAt(frame / FPS) - 110))).toBeLessThan(3)
  },
  LIMIT_MS,
)

test(
  'a successor makes only what is not stored, keeps the look, and names files where they are',
  async () => {
    await using bench = await renderBench(cut)
    const killedAfter = async (files: number, version: number, checkpoint?: unknown) => {
      const stop = new AbortController()
      const onSave = ({ stored }: { stored: unknown[] }) => stored.length === files && stop.abort(new Error('Killed.'))
      await expect(bench.render({ version, checkpoint, signal: stop.signal, onSave })).rejects.toThrow('Killed.')
      expect(leftovers()).toEqual([])
      return bench.saved.at(-1)
    }
    const first = await killedAfter(2, 3)
    const started = startedTools()
    const second = await killedAfter(5, 4, first)
    expect(started()).toHaveLength(1)
    expect(
      started()[0]
        ?.spawnargs.filter(word => word.startsWith('/out/'))
        .map(path => path.slice(5)),
    ).toEqual(['square.mp4', 'poster.jpg', 'filmstrip.jpg'])
    const { stored, loudness_lufs } = await bench.render({ version: 5, checkpoint: second })
    expect(started()).toHaveLength(1)
    expect(stored.map(({ uri }) => uri.split('/').slice(2).join('/'))).toEqual([
      'v3/wide.mp4',
      'v3/vertical.mp4',
      'v4/square.mp4',
      'v4/poster.jpg',
      'v4/filmstrip.jpg',
      'v5/storyboard.vtt',
    ])
    expect(String(await bench.objects.read(stored[5]?.uri ?? ''))).toContain('\n../v4/filmstrip.jpg#xywh=0,0,160,90\n')
    expect(loudness_lufs).not.toBeNull()
  },
  LIMIT_MS,
)

test(
  'an encoder that is killed costs its successor one pass',
  async () => {
    await using bench = await renderBench(cut)
    const started = startedTools()
    const first = bench.render({ version: 1 }).catch((error: unknown) => error)
    const encoder = await eventually(() => started().find(({ spawnargs }) => spawnargs.includes('libx264')))
    // Its group is there a moment after it.
    await eventually(() => process.kill(-(encoder?.pid ?? 0), 'SIGKILL'))
    const failure = await first
    expect(failure).toMatchObject({ message: expect.stringMatching(/killed|137/u) as unknown })
    expect(isRetryable(failure)).toBe(true)
    expect(bench.objects.puts).toEqual([])
    expect(leftovers()).toEqual([])
    const before = started().length
    const { stored } = await bench.render({ version: 2, checkpoint: bench.saved.at(-1) })
    expect(stored).toHaveLength(6)
    expect(started().length - before).toBe(1)
  },
  LIMIT_MS,
)

test(
  'a cut that is gone, changed or damaged ends the job; nothing of it is stored',
  async () => {
    await using bench = await renderBench(cut)
    const gone = await bench.objects.get('play/nothing/cut.mp4')
    const other = { ...cut, bytes: Buffer.from(cut.bytes).fill(0, cut.bytes.length - 50_000) }
    await using damaged = await renderBench(other)
    await using nonsense = await renderBench({ ...cut, bytes: Buffer.from('#EXTM3U\nfile:///etc/hostname\n') })
    const failures = [
      [() => bench.render({ payload: told => ({ ...told, cut: { ...told.cut, url: gone } }) }), 'resource.missing'],
      [
        () => bench.render({ payload: told => ({ ...told, cut: { ...told.cut, bytes: told.cut.bytes + 1 } }) }),
        'media.rejected',
      ],
      [
        () => bench.render({ payload: told => ({ ...told, cut: { ...told.cut, sha256: 'f'.repeat(64) } }) }),
        'media.rejected',
      ],
      [() => bench.render({ payload: told => ({ ...told, cut: { ...told.cut, frames: 91 } }) }), 'media.rejected'],
      [() => damaged.render(), 'media.rejected'],
      [() => nonsense.render(), 'media.rejected'],
    ] as const
    for (const [render, code] of failures) {
      const failure: unknown = await render().catch((error: unknown) => error)
      expect(failure).toMatchObject({ code })
      expect(isRetryable(failure)).toBe(false)
    }
    expect([...bench.objects.puts, ...damaged.objects.puts, ...nonsense.objects.puts]).toEqual([])
    expect(leftovers()).toEqual([])
  },
  LIMIT_MS,
)

test(
  'a full disk is worth another try, and leaves nothing behind',
  async context => {
    using disk = smallDisk(1)
    context.skip(disk === undefined, 'this user may not mount')
    await using bench = await renderBench(cut)
    vi.stubEnv('TMPDIR', disk?.directory ?? '')
    onTestFinished(() => void vi.unstubAllEnvs())
    const ballast = join(disk?.directory ?? '', 'ballast')
    writeFileSync(ballast, Buffer.alloc(600_000))
    const failure: unknown = await bench.render().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'storage.full' })
    expect(isRetryable(failure)).toBe(true)
    expect(bench.objects.puts).toEqual([])
    expect(readdirSync(disk?.directory ?? '')).toEqual(['ballast'])
  },
  LIMIT_MS,
)
