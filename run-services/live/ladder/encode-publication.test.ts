import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { flvLoop } from '#shared/media/flv/flv-loop.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { planLadder } from '#shared/media/ladder.ts'
import type { LadderPlan } from '#shared/media/ladder-plan.ts'
import { detectSandbox, type Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { rtmpPublisher } from '#shared/service/rtmp-publisher.ts'
import { eventually } from '../../../test/helpers/eventually.ts'
import { flvClip, type FlvClip } from '../../../test/helpers/flv-clip.ts'
import type { Publication } from '../borders.ts'
import { readSource, type Source } from '../ingest/read-source.ts'
import { rtmpDoor } from '../ingest/rtmp-door.ts'
import { encoderHost, type EncoderHost } from '../relay/encoder-host.ts'
import { encodePublication, type PublicationEncoding } from './encode-publication.ts'

const run = promisify(execFile)
const log = { info: () => undefined, warn: () => undefined }

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await detectSandbox()
})

/** Bytes of one timeline by track. */
type Timeline = { encoder: number; firstFrameAtMs: number; tracks: Buffer[][]; ended: boolean; openedAtMs: number }
type Show = {
  encoding: PublicationEncoding
  plan: LadderPlan
  timelines: Timeline[]
  host: EncoderHost
  abort: AbortController
}

async function host(): Promise<EncoderHost> {
  const started = await encoderHost({ port: 0, sandbox, encoders: 4, log })
  onTestFinished(() => started.close())
  return started
}

function encode(source: Source, encoders: EncoderHost, queueMs: number): Show {
  const plan = planLadder(source.facts, { partMs: 200, cores: 16, coresInUse: 0 })
  const timelines: Timeline[] = []
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const encoding = encodePublication({
    tags: source.tags,
    plan,
    relay: { host: '127.0.0.1', port: encoders.port },
    log,
    signal: abort.signal,
    now: Date.now,
    bounds: { queue: { ms: queueMs, bytes: 16 * 1024 * 1024 } },
    openSink: (encoder, firstFrameAtMs) => {
      const tracks: Buffer[][] = plan.tracks.map(() => [])
      const timeline: Timeline = { encoder, firstFrameAtMs, tracks, ended: false, openedAtMs: Date.now() }
      timelines.push(timeline)
      return {
        write: (track, bytes) => void tracks[track]?.push(Buffer.from(bytes)),
        end: () => {
          timeline.ended = true
          return Promise.resolve()
        },
      }
    },
  })
  return { encoding, plan, timelines, host: encoders, abort }
}

/** From the publisher's socket on: RTMP door, facts, ladder. */
async function onAir(
  tags: Iterable<FlvTag>,
  realTime: boolean,
  queueMs = 3_000,
): Promise<Show & { publication: Publication; published: Promise<void> }> {
  let arrived: (publication: Publication) => void = () => undefined
  const admitted = new Promise<Publication>(resolve => (arrived = resolve))
  const door = await rtmpDoor({
    port: 0,
    host: '127.0.0.1',
    log,
    admit: () => Promise.resolve({ channelRef: 'channel', keyRef: 'key' }),
    onPublication: arrived,
  })
  onTestFinished(() => door.close())
  const publisher = await rtmpPublisher({ url: `rtmp://127.0.0.1:${door.port}/live/key` })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const published = publisher.play(tags, { realTime, signal: stop.signal }).then(() => publisher.close())
  const publication = await admitted
  const source = await readSource(publication.tags, { now: Date.now })
  if (source.kind === 'rejected') throw new Error(source.sentence)
  return { ...encode(source, await host(), queueMs), publication, published }
}

type Probed = {
  codec_name: string
  width?: number
  height?: number
  nb_read_packets: string
  start_time: string
  duration: string
}

async function probe(timeline: Timeline, track: number): Promise<Probed> {
  const folder = await mkdtemp(join(tmpdir(), 'ladder-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'track.mp4')
  await writeFile(path, Buffer.concat(timeline.tracks[track] ?? []))
  const entries = 'stream=codec_name,width,height,nb_read_packets,start_time,duration'
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-count_packets',
    '-show_entries',
    entries,
    '-of',
    'json',
    path,
  ])
  const [stream] = (JSON.parse(stdout) as { streams: Probed[] }).streams
  if (!stream) throw new Error('ffprobe found no stream')
  return stream
}

/** Frames of every fragment of a track, by its `trun` boxes. */
function fragmentFrames(timeline: Timeline, track: number): number[] {
  const bytes = Buffer.concat(timeline.tracks[track] ?? [])
  const frames: number[] = []
  for (let at = bytes.indexOf('trun'); at !== -1; at = bytes.indexOf('trun', at + 4))
    frames.push(bytes.readUInt32BE(at + 8))
  return frames
}

const SOURCES: readonly [
  name: string,
  clip: FlvClip,
  expected: { frames: number; part: number; size: [number, number] },
][] = [
  ['30 fps', {}, { frames: 90, part: 6, size: [320, 180] }],
  ['24 fps without sound', { fps: '24', gop: 48, sound: false }, { frames: 72, part: 5, size: [320, 180] }],
  [
    '25 fps with B-frames',
    { fps: '25', gop: 50, extra: ['-bf', '3', '-preset', 'veryfast'] },
    { frames: 75, part: 5, size: [320, 180] },
  ],
  ['60 fps', { fps: '60', gop: 120 }, { frames: 180, part: 12, size: [320, 180] }],
  [
    '29.97 fps and key frames 10 s apart',
    { fps: '30000/1001', gop: 300, seconds: 5 },
    { frames: 150, part: 6, size: [320, 180] },
  ],
  [
    'odd sides',
    { size: '330x190', extra: ['-vf', 'format=yuv444p,crop=321:181:0:0:exact=1', '-pix_fmt', 'yuv444p'] },
    { frames: 90, part: 6, size: [320, 180] },
  ],
]

test.each(SOURCES)(
  '%s from the socket to fragmented MP4 that ffprobe reads',
  async (_, clip, { frames, part, size }) => {
    const show = await onAir(await flvClip(clip), false)
    await show.published
    expect(await show.encoding.ended).toMatchObject({ reason: 'source-ended' })
    expect(await show.publication.ended).toBe('unpublished')
    const [timeline] = show.timelines
    if (!timeline) throw new Error('no output')
    const video = await probe(timeline, 0)
    expect([video.codec_name, video.width, video.height]).toEqual(['h264', ...size])
    expect(Math.abs(Number(video.nb_read_packets) - frames)).toBeLessThanOrEqual(3)
    expect(Number(video.start_time)).toBe(0)
    const counts = fragmentFrames(timeline, 0)
    expect(new Set(counts.slice(0, 8))).toEqual(new Set([part]))
    expect(show.plan.tracks.some(track => track.kind === 'audio')).toBe(clip.sound !== false)
    if (clip.sound === false) return
    const audio = await probe(timeline, 1)
    expect([audio.codec_name, Number(audio.start_time)]).toEqual(['aac', 0])
    expect(Math.abs(Number(audio.duration) - Number(video.duration))).toBeLessThan(0.15)
  },
)

test('every group starts with a key frame each 2 s, whatever the publisher sends', async () => {
  const show = await onAir(await flvClip({ gop: 300, seconds: 5 }), false)
  await show.encoding.ended
  const [timeline] = show.timelines
  const folder = await mkdtemp(join(tmpdir(), 'keys-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'v.mp4'), Buffer.concat(timeline?.tracks[0] ?? []))
  const args = ['-v', 'error', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', join(folder, 'v.mp4')]
  const { stdout } = await run('ffprobe', args)
  const keys = stdout.split('\n').filter(line => line.includes('K'))
  expect(keys.map(line => Number(line.split(',')[0]))).toEqual([0, 2, 4])
})

test('an encoder killed with -9 is replaced on the cached group; the publisher stays and no picture repeats for long', async () => {
  const show = await onAir(flvLoop(await flvClip({ seconds: 2, gop: 60 }), 3), true)
  await eventually(
    () => show.timelines[0]?.tracks[0]?.length ?? 0,
    count => expect(count).toBeGreaterThan(8),
  )
  const killedAtMs = Date.now()
  for (const pid of show.host.running()) process.kill(pid, 'SIGKILL')
  const second = await eventually(() => show.timelines[1])
  expect((second?.openedAtMs ?? Infinity) - killedAtMs).toBeLessThan(2_000)
  await show.published
  expect(await show.encoding.ended).toMatchObject({ reason: 'source-ended' })
  expect(await show.publication.ended).toBe('unpublished')
  expect(show.timelines.map(timeline => timeline.ended)).toEqual([true, true])
  expect(show.encoding.stats().encoders).toBe(2)
  const lengths = await Promise.all(show.timelines.map(timeline => probe(timeline, 0)))
  const totalS = lengths.reduce((sum, { duration }) => sum + Number(duration), 0)
  expect(Math.abs(totalS - 6)).toBeLessThan(0.8)
  const [before, after] = show.timelines
  const gapMs = (after?.firstFrameAtMs ?? 0) - (before?.firstFrameAtMs ?? 0) - 1000 * Number(lengths[0]?.duration)
  expect(Math.abs(gapMs)).toBeLessThan(800)
})

/** The message of a promise that fails, caught from now on. */
function failureOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => String(error),
  )
}

test('a source that kills every encoder is given up with a sentence', async () => {
  const show = await onAir(flvLoop(await flvClip({ seconds: 1, gop: 15 }), 20), true)
  const killed = new Set<number>()
  const killing = setInterval(() => {
    for (const pid of show.host.running()) if (!killed.has(pid)) process.kill(pid, 'SIGKILL')
    for (const pid of show.host.running()) killed.add(pid)
  }, 50)
  onTestFinished(() => clearInterval(killing))
  expect(await show.encoding.ended).toMatchObject({
    reason: 'encoder-failed',
    sentence: 'The encoder died 5 times within a minute; the show cannot be encoded.',
  })
  const failure = failureOf(show.published)
  show.publication.drop('The show cannot be encoded.')
  expect(await failure).toContain('hung up')
})

test('a relay that goes away and comes back costs a timeline, not the show', async () => {
  const show = await onAir(flvLoop(await flvClip({ seconds: 2 }), 3), true)
  await eventually(
    () => show.timelines[0]?.tracks[0]?.length ?? 0,
    count => expect(count).toBeGreaterThan(4),
  )
  const { port } = show.host
  await show.host.close()
  const again = await encoderHost({ port, sandbox, encoders: 4, log })
  onTestFinished(() => again.close())
  await show.published
  expect(await show.encoding.ended).toMatchObject({ reason: 'source-ended' })
  expect(show.timelines).toHaveLength(2)
})

/** The process and everything below it. */
async function processesBelow(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const below = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map(each => processesBelow(Number(each))),
  )
  return [pid, ...below.flat()]
}

test('an encoder that stands still costs whole groups of pictures, never growing delay, and goes on afterwards', async () => {
  const show = await onAir(flvLoop(await flvClip({ seconds: 2, gop: 15 }), 20), true, 1_500)
  await eventually(() => show.timelines[0])
  const pids = (await Promise.all(show.host.running().map(processesBelow))).flat()
  for (const pid of pids.toReversed()) process.kill(pid, 'SIGSTOP')
  await eventually(
    () => show.encoding.stats(),
    ({ droppedGops }) => expect(droppedGops).toBeGreaterThan(1),
  )
  expect(show.encoding.stats().waitingMs).toBeLessThan(1_500 + 1_000 + 200)
  const before = show.timelines[0]?.tracks[0]?.length ?? 0
  for (const pid of pids) process.kill(pid, 'SIGCONT')
  await eventually(
    () => show.timelines[0]?.tracks[0]?.length ?? 0,
    count => expect(count).toBeGreaterThan(before + 10),
  )
  await eventually(
    () => show.encoding.stats().waitingMs,
    waiting => expect(waiting).toBeLessThan(500),
  )
  expect(show.timelines).toHaveLength(1)
  const failure = failureOf(show.published)
  show.publication.drop('Enough.')
  expect(await failure).toContain('hung up')
})

test('stopping ends the encoder and the sink', async () => {
  const show = await onAir(flvLoop(await flvClip({ seconds: 1 }), 10), true)
  await eventually(() => show.timelines[0])
  const failure = failureOf(show.published)
  show.abort.abort()
  expect(await show.encoding.ended).toMatchObject({ reason: 'aborted' })
  expect(show.timelines[0]?.ended).toBe(true)
  await eventually(
    () => show.host.running(),
    pids => expect(pids).toEqual([]),
  )
  show.publication.drop('The show was ended.')
  expect(await failure).toContain('hung up')
})
