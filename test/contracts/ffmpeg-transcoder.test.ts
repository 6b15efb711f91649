import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { lintManifest } from '#shared/media/dash/manifest-linter.ts'
import { lintPlaylist } from '#shared/media/hls/playlist-linter.ts'
import { findTag, readPlaylistText } from '#shared/media/hls/playlist-text.ts'
import { readSamples } from '#shared/media/isobmff/chunk-samples.ts'
import { CmafReader } from '#shared/media/isobmff/cmaf-reader.ts'
import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'
import type { EncodeSpec } from '#shared/ports/transcoder/transcoder.ts'
import { eventually } from '../helpers/eventually.ts'
import { ended, ENCODED_MS, gate, heldTranscoder, isMedia } from '../helpers/held-transcoder.ts'
import { lineChild } from '../helpers/line-child.ts'
import { commandsBelow } from '../helpers/process-tree.ts'
import { transcoderContract } from './transcoder.contract.ts'
import {
  hookedStore,
  SMALL,
  sourceBytes,
  type StoreHook,
  type TranscoderRig,
  transcoderRig,
} from '../helpers/transcoder-rig.ts'

let source: Buffer
beforeAll(() => {
  source = sourceBytes()
})

type Read = { codec_type: string; width?: number; nb_read_frames: string }

/** One track as a player sees it: read by way of the manifests alone. */
type Track = { bytes: Buffer; durationsS: number[]; keysS: number[]; startS: number; frames: number }

async function trackAt(rig: TranscoderRig, playlist: string): Promise<Track> {
  const text = (await rig.read(playlist)).toString('utf8')
  expect(lintPlaylist(text, { kind: 'vod' })).toEqual([])
  const { segments } = readPlaylistText(text)
  const [first] = segments
  const map = findTag(first?.tags ?? [], 'EXT-X-MAP')?.attributes.get('URI') ?? ''
  const names = [map, ...segments.map(({ uri }) => uri)]
  const files = await Promise.all(names.map(name => rig.read(posix.join(posix.dirname(playlist), name))))
  const reader = new CmafReader()
  const [init, ...chunks] = files.flatMap(file => reader.push(file))
  if (init?.kind !== 'init') throw new Error(`${playlist} has no initialization.`)
  const samples = chunks.flatMap(chunk => readSamples(chunk.bytes, init.track))
  const { timescale } = init.track
  return {
    bytes: Buffer.concat(files),
    durationsS: segments.map(({ tags }) => Number.parseFloat(findTag(tags, 'EXTINF')?.value ?? '')),
    keysS: samples.filter(({ sync }) => sync).map(({ time }) => time / timescale),
    startS: (samples[0]?.time ?? Number.NaN) / timescale,
    frames: samples.length,
  }
}

/** Encodes and reads back what was made; every manifest passes its linter. */
async function encoded(rig: TranscoderRig, spec: EncodeSpec = SMALL) {
  const transcoder = rig.transcoder()
  const { ref } = await transcoder.start(spec)
  const status = await ended(transcoder, ref)
  if (status.state !== 'done') throw new Error(`It is not done: ${JSON.stringify(status)}`)
  const [hls, dash] = (await Promise.all([rig.read(status.hls), rig.read(status.dash)])).map(String)
  expect(lintPlaylist(hls ?? '', { kind: 'multivariant' })).toEqual([])
  expect(lintManifest(dash ?? '')).toEqual([])
  const folder = posix.dirname(status.hls)
  const tracks = await Promise.all(spec.rungs.map(({ name }) => trackAt(rig, `${folder}/${name}/index.m3u8`)))
  const sound = spec.audio === undefined ? undefined : await trackAt(rig, `${folder}/sound/index.m3u8`)
  return { status, folder, hls: hls ?? '', dash: dash ?? '', tracks, sound }
}

/** What a decoder makes of it, strictly. */
function decoded(bytes: Buffer, ...to: readonly string[]): Buffer {
  const args = ['-v', 'error', '-xerror', '-i', 'pipe:0', ...to, 'pipe:1']
  return execFileSync('ffmpeg', args, { input: bytes, maxBuffer: 64 * 1024 * 1024 })
}

// ffmpeg-transcoder.ts on real media
describe('ffmpegTranscoder', () => {
  transcoderContract(async () => heldTranscoder(await transcoderRig(source)), SMALL)

  test('every rung decodes to every frame, its key frames at the instants of all others', async () => {
    await using rig = await transcoderRig(source)
    const { tracks, sound, hls, dash } = await encoded(rig)
    for (const [index, track] of tracks.entries()) {
      expect(track.frames).toBe(90)
      expect(track.keysS).toEqual([0, 1, 2])
      expect(track.durationsS).toEqual([2, 1])
      const { width = 0, height = 0 } = SMALL.rungs[index] ?? {}
      expect(decoded(track.bytes, '-f', 'rawvideo').byteLength).toBe(90 * width * height * 1.5)
    }
    expect(sound?.startS).toBe(0)
    expect(sound?.durationsS).toHaveLength(2)
    expect(sound?.durationsS.reduce((sum, each) => sum + each, 0)).toBeCloseTo(3, 0)
    expect(hls.match(/#EXT-X-STREAM-INF/gu)).toHaveLength(2)
    expect(hls.indexOf('320x180')).toBeLessThan(hls.indexOf('160x90'))
    expect(dash).toContain('mediaPresentationDuration="PT3S"')
  }, 120_000)

  test('readers that are not ours find every picture and all of the sound by either manifest', async () => {
    await using rig = await transcoderRig(source)
    const { folder } = await encoded(rig)
    const directory = mkdtempSync(join(tmpdir(), 'transcoder-read-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    for (const key of await rig.keys(`${folder}/`)) {
      const path = join(directory, posix.relative(folder, key))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, await rig.read(key))
    }
    for (const [name, ...options] of [['master.m3u8', '-allowed_extensions', 'ALL'], ['master.mpd']]) {
      const show = ['-of', 'json', '-count_frames', '-show_entries', 'stream=codec_type,width,nb_read_frames']
      // Not `error`: this reader of DASH asks for one segment after the last.
      const args = ['-v', 'fatal', ...options, '-i', join(directory, name ?? ''), ...show]
      const { streams } = JSON.parse(execFileSync('ffprobe', args).toString('utf8')) as { streams: Read[] }
      const pictures = streams.filter(({ codec_type: type }) => type === 'video')
      expect(pictures.map(({ width }) => width).toSorted((a = 0, b = 0) => b - a)).toEqual([320, 160])
      for (const { nb_read_frames: frames } of pictures) expect(frames).toBe('90')
      const sound = streams.find(({ codec_type: type }) => type === 'audio')
      expect(Number(sound?.nb_read_frames)).toBeGreaterThanOrEqual((3 * 48_000) / 1_024)
    }
  }, 120_000)

  test.each([0, 0.5])(
    'sound stays with its pictures, which begin %d s later',
    async lateS => {
      const beep = "aevalsrc=exprs='gte(t,1)*sin(2*PI*1000*t)':s=48000:d=3"
      await using rig = await transcoderRig(sourceBytes({ sound: beep, lateS }))
      const { sound, tracks } = await encoded(rig)
      for (const { frames } of tracks) expect(Math.abs(frames - 90 - 30 * lateS)).toBeLessThanOrEqual(1)
      const pcm = decoded(sound?.bytes ?? Buffer.alloc(0), '-ac', '1', '-f', 's16le')
      const loud = Array.from({ length: pcm.byteLength / 2 }, (_, at) => pcm.readInt16LE(2 * at)).findIndex(
        sample => Math.abs(sample) > 6_000,
      )
      expect(Math.abs(loud / 48_000 - 1)).toBeLessThan(0.005)
    },
    120_000,
  )

  test('pictures that are to be shown turned are encoded upright', async () => {
    const turned = sourceBytes({ seconds: 1, turned: 90, sound: undefined })
    await using rig = await transcoderRig(turned)
    const { audio: _left, ...silent } = SMALL
    const { tracks } = await encoded(rig, {
      ...silent,
      rungs: [{ name: 'tall', width: 180, height: 320, bitrateKbps: 2_000 }],
    })
    const frame = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray']
    const upright = join(rig.scratch, 'upright')
    writeFileSync(upright, turned)
    const shown = (...options: readonly string[]): Buffer =>
      execFileSync('ffmpeg', ['-v', 'error', ...options, '-i', upright, ...frame, '-s', '180x320', 'pipe:1'])
    const made = decoded(tracks[0]?.bytes ?? Buffer.alloc(0), ...frame)
    const off = (picture: Buffer): number =>
      made.reduce((sum, level, at) => sum + Math.abs(level - (picture[at] ?? 0)), 0) / made.length
    expect(off(shown())).toBeLessThan(8)
    expect(off(shown('-noautorotate'))).toBeGreaterThan(30)
  }, 120_000)

  test('29.97 Hz is cut alike in every rung, sound that ends early goes on as silence, none stays none', async () => {
    const frameRate = { numerator: 30_000, denominator: 1_001 }
    await using rig = await transcoderRig(sourceBytes({ rate: '30000/1001', sound: 'sine=r=44100:d=1' }))
    const { tracks, sound } = await encoded(rig, { ...SMALL, frameRate, prefix: 'play/ntsc/' })
    const [first, second] = tracks
    expect(first?.keysS).toEqual(second?.keysS)
    expect(first?.keysS).toHaveLength(3)
    for (const [index, atS] of (first?.keysS ?? []).entries()) expect(Math.abs(atS - index)).toBeLessThan(0.034)
    expect(sound?.durationsS).toHaveLength(first?.durationsS.length ?? 0)
    const { audio: _left, ...silent } = SMALL
    const mute = await encoded(rig, { ...silent, jobId: 'mute', prefix: 'play/mute/' })
    expect(mute.hls).not.toContain('EXT-X-MEDIA')
    expect(mute.dash).not.toContain('audio')
  }, 120_000)

  test('a film that does not say how long it is is encoded to its end', async () => {
    const live = sourceBytes({ container: 'matroska' })
    await using rig = await transcoderRig(withoutDuration(live))
    const { tracks, sound } = await encoded(rig)
    // Its sound begins a packet before its pictures: the first one is held as long.
    for (const { frames } of tracks) expect([90, 91]).toContain(frames)
    expect(sound?.durationsS).toHaveLength(2)
  }, 120_000)

  test.each([
    ['ends too early', (whole: Buffer) => whole.subarray(0, Math.round(whole.byteLength * 0.5)), /could be read/u],
    ['is full of zeros', (whole: Buffer) => whole.fill(0, Math.round(whole.byteLength * 0.1)), /damaged/u],
    ['has no head', (whole: Buffer) => whole.subarray(64), /It is none of/u],
  ])(
    'a source that %s is failed with its reason, and leaves nothing',
    async (_, spoil, reason) => {
      await using rig = await transcoderRig(spoil(Buffer.from(source)))
      const transcoder = rig.transcoder()
      const { ref } = await transcoder.start(SMALL)
      const status = await ended(transcoder, ref)
      expect(status).toMatchObject({ state: 'failed', error: { code: 'media.rejected' } })
      expect(status.state === 'failed' ? status.error.message : '').toMatch(reason)
      expect(await rig.keys(SMALL.prefix)).toEqual([])
    },
    120_000,
  )

  test('a source that is not there, and sound that is not in it, are failures by name', async () => {
    await using rig = await transcoderRig(sourceBytes({ seconds: 1, sound: undefined }))
    const transcoder = rig.transcoder()
    const lost = await transcoder.start({ ...SMALL, jobId: 'lost', source: 'uploads/nothing' })
    const mute = await transcoder.start({ ...SMALL, jobId: 'mute' })
    expect(await ended(transcoder, lost.ref)).toMatchObject({ state: 'failed', error: { code: 'resource.missing' } })
    expect(await ended(transcoder, mute.ref)).toMatchObject({ error: { message: expect.stringContaining('no sound') } })
  }, 120_000)

  test('the manifests are stored after everything they name', async () => {
    await using rig = await transcoderRig(source)
    const puts: string[] = []
    const store = hookedStore(rig.store, (verb, key) => void (verb === 'put' && puts.push(key)))
    const transcoder = rig.transcoder({ store })
    const { ref } = await transcoder.start(SMALL)
    const done = await ended(transcoder, ref)
    const media = puts.filter(key => key.startsWith(SMALL.prefix))
    expect(done).toMatchObject({ hls: media.at(-2), dash: media.at(-1) })
    const listed = await rig.keys(SMALL.prefix)
    expect(listed.toSorted()).toEqual(media.toSorted())
    expect(readdirSync(rig.scratch)).toEqual([])
  }, 120_000)

  test('what is called off ends its encoder and leaves no object', async () => {
    await using rig = await transcoderRig(source)
    const at = gate()
    let segments = 0
    const hook: StoreHook = async (verb, key, signal) => {
      if (verb === 'put' && isMedia(key) && (segments += 1) > 1) await at.pass(signal)
    }
    const transcoder = rig.transcoder({ store: hookedStore(rig.store, hook) })
    const { ref } = await transcoder.start(SMALL)
    await at.reached
    expect(await rig.keys(SMALL.prefix)).not.toEqual([])
    await transcoder.cancel(ref)
    expect(await rig.keys(SMALL.prefix)).toEqual([])
    expect(readdirSync(rig.scratch)).toEqual([])
    expect(await commandsBelow(process.pid, 'ffmpeg')).toEqual([])
  }, 120_000)

  test('what runs in another process is called off there too', async () => {
    await using rig = await transcoderRig(source)
    const at = gate()
    let segments = 0
    const hook: StoreHook = async (verb, key, signal) => {
      if (verb === 'put' && isMedia(key) && (segments += 1) > 1) await at.pass(signal)
    }
    const there = rig.transcoder({ store: hookedStore(rig.store, hook), leaseMs: 1_500 })
    const { ref } = await there.start(SMALL)
    await at.reached
    const here = rig.transcoder()
    await eventually(
      () => here.status(ref),
      status => expect(status).toEqual({ state: 'progressing', percent: 90 }),
    )
    await here.cancel(ref)
    await eventually(
      () => readdirSync(rig.scratch),
      names => expect(names).toEqual([]),
    )
    expect(await rig.keys(SMALL.prefix)).toEqual([])
    expect(await there.status(ref)).toEqual({ state: 'canceled' })
  }, 120_000)

  test('a long film at a fractional rate does not drift from the grid of its segments', async () => {
    const seconds = 122
    const frameRate = { numerator: 24_000, denominator: 1_001 }
    const rungs = [
      { name: '36p', width: 64, height: 36, bitrateKbps: 100 },
      { name: '18p', width: 32, height: 18, bitrateKbps: 50 },
    ]
    const sound = `sine=r=48000:d=${seconds}`
    await using rig = await transcoderRig(sourceBytes({ seconds, size: '64x36', rate: '24000/1001', sound }))
    const made = await encoded(rig, { ...SMALL, rungs, frameRate, gopS: 2, segmentS: 6 })
    const [first, second] = made.tracks
    expect(first?.keysS).toEqual(second?.keysS)
    expect(first?.keysS).toHaveLength(61)
    for (const [index, atS] of (first?.keysS ?? []).entries()) expect(Math.abs(atS - 2 * index)).toBeLessThan(0.042)
    expect(first?.durationsS).toHaveLength(21)
    expect(made.sound?.durationsS).toHaveLength(21)
    for (const durationS of first?.durationsS.slice(0, -1) ?? []) expect(Math.abs(durationS - 6)).toBeLessThan(0.043)
  }, 120_000)

  test('one encode runs at a time, the next when it is over', async () => {
    await using rig = await transcoderRig(source)
    const at = gate()
    const fetched: string[] = []
    const hook: StoreHook = async (verb, key, signal) => {
      if (verb === 'get' && key.startsWith('uploads/')) fetched.push(key)
      if (verb === 'put' && isMedia(key)) await at.pass(signal)
    }
    const transcoder = rig.transcoder({ store: hookedStore(rig.store, hook) })
    await transcoder.start(SMALL)
    const second = await transcoder.start({ ...SMALL, jobId: 'second', prefix: 'play/second/' })
    await at.reached
    expect(fetched).toHaveLength(1)
    expect(await transcoder.status(second.ref)).toEqual({ state: 'submitted', percent: 0 })
    at.open()
    expect(await ended(transcoder, second.ref)).toMatchObject({ state: 'done' })
    expect(fetched).toHaveLength(2)
  }, 120_000)

  test('an encode whose process is killed with -9 is taken up by the next that starts it', async () => {
    await using rig = await transcoderRig(source)
    const leaseMs = 2_000
    const child = lineChild(
      join(import.meta.dirname, '../helpers/transcoder-child.ts'),
      rig.directory,
      rig.scratch,
      String(leaseMs),
    )
    onTestFinished(() => void child.process.kill('SIGKILL'))
    await eventually(
      () => child.lines,
      lines => expect(lines, child.errors()).toContain('stored'),
      { withinMs: ENCODED_MS },
    )
    const transcoder = rig.transcoder({ leaseMs })
    const { ref } = await transcoder.start(SMALL)
    await eventually(
      () => transcoder.status(ref),
      status => expect(status).toEqual({ state: 'progressing', percent: 90 }),
    )
    child.process.kill('SIGKILL')
    expect(readdirSync(rig.scratch)).toHaveLength(1)
    const left = await rig.keys(SMALL.prefix)
    const done = await ended(transcoder, ref)
    if (done.state !== 'done') throw new Error(JSON.stringify(done))
    expect(left).not.toEqual([])
    expect((await rig.keys(SMALL.prefix)).filter(key => left.includes(key))).toEqual([])
    const first = await trackAt(rig, `${dirname(done.hls)}/180p/index.m3u8`)
    expect(first.frames).toBe(90)
    expect(readdirSync(rig.scratch)).toEqual([])
  }, 120_000)

  test('an encoder that is killed is started again', async () => {
    await using rig = await transcoderRig(sourceBytes({ seconds: 15 }))
    const transcoder = rig.transcoder()
    const { ref } = await transcoder.start(SMALL)
    const [encoder = 0] = await eventually(
      () => commandsBelow(process.pid, 'ffmpeg'),
      found => expect(found).not.toEqual([]),
    )
    process.kill(encoder, 'SIGKILL')
    const done = await ended(transcoder, ref)
    expect(done).toMatchObject({ state: 'done', hls: `${SMALL.prefix}${SMALL.jobId}.2/master.m3u8` })
  }, 120_000)

  test('a process that held the lease too long changes nothing that its successor made', async () => {
    await using rig = await transcoderRig(source)
    const at = gate()
    const hook: StoreHook = async (verb, key, signal) => {
      if (verb === 'put' && key.endsWith('.mpd')) await at.pass(signal)
    }
    const slow = rig.transcoder({ store: hookedStore(rig.store, hook) })
    const { ref } = await slow.start(SMALL)
    await at.reached
    const later = rig.transcoder({ now: () => Date.now() + 3_600_000 })
    await later.start(SMALL)
    const done = await ended(later, ref)
    const made = await rig.keys(SMALL.prefix)
    at.open()
    await slow[Symbol.asyncDispose]()
    expect(await later.status(ref)).toEqual(done)
    expect(await rig.keys(SMALL.prefix)).toEqual(made)
    expect(made.every(key => done.state === 'done' && key.startsWith(`${dirname(done.hls)}/`))).toBe(true)
  }, 120_000)

  test('a store that fails once costs a run, not the encode; one that is gone is a refusal', async () => {
    await using rig = await transcoderRig(source)
    let failed = 0
    const down = new ObjectStoreError('unavailable', 'any', 'The store is away.')
    const hook: StoreHook = (verb, key) => {
      if (verb !== 'put' || !isMedia(key) || failed > 0) return
      failed += 1
      throw down
    }
    const transcoder = rig.transcoder({ store: hookedStore(rig.store, hook) })
    const { ref } = await transcoder.start(SMALL)
    expect(await ended(transcoder, ref)).toMatchObject({ state: 'done' })
    expect(failed).toBe(1)
    const gone = rig.transcoder({
      store: hookedStore(rig.store, () => {
        throw down
      }),
    })
    await expect(gone.start({ ...SMALL, jobId: 'other' })).rejects.toMatchObject({ code: 'service.unavailable' })
    await expect(gone.status(ref)).rejects.toMatchObject({ code: 'service.unavailable' })
  }, 120_000)

  test('a transcoder that ends gives its encodes back at once', async () => {
    await using rig = await transcoderRig(source)
    const at = gate()
    const hook: StoreHook = async (verb, key, signal) => {
      if (verb === 'put' && isMedia(key)) await at.pass(signal)
    }
    const first = rig.transcoder({ store: hookedStore(rig.store, hook) })
    const { ref } = await first.start(SMALL)
    await at.reached
    await first[Symbol.asyncDispose]()
    expect(await rig.keys(SMALL.prefix)).toEqual([])
    await expect(first.start({ ...SMALL, jobId: 'late' })).rejects.toMatchObject({ code: 'service.unavailable' })
    const second = rig.transcoder()
    await second.start(SMALL)
    expect(await ended(second, ref)).toMatchObject({ state: 'done' })
  }, 120_000)

  test.each<[string, Partial<EncodeSpec>]>([
    ['a side that is odd', { rungs: [{ name: '180p', width: 321, height: 180, bitrateKbps: 300 }] }],
    ['two renditions of one name', { rungs: [...SMALL.rungs, ...SMALL.rungs] }],
    ['a rendition that leaves its folder', { rungs: [{ name: '../x', width: 320, height: 180, bitrateKbps: 300 }] }],
    ['segments that no key frame begins', { gopS: 2, segmentS: 3 }],
    ['no rate', { frameRate: { numerator: 30, denominator: 0 } }],
    ['a prefix without its slash', { prefix: 'play/asst_1' }],
    ['a job that names a folder', { jobId: '../other' }],
  ])('%s is refused', async (_, wrong) => {
    await using rig = await transcoderRig(source)
    const refused = rig.transcoder().start({ ...SMALL, ...wrong })
    await expect(refused).rejects.toMatchObject({ code: 'media.rejected' })
    expect(await rig.keys('')).toEqual([SMALL.source])
  })
})

/** A Matroska file as a browser's recorder writes it: its duration is left out. */
function withoutDuration(file: Buffer): Buffer {
  const duration = Buffer.from([0x44, 0x89, 0x88])
  const at = file.indexOf(duration)
  if (at < 0) throw new Error('The file says no duration anyway.')
  // Void (0xEC) of the same length: an element header of two bytes and nine of nothing.
  const out = Buffer.from(file)
  out[at] = 0xec
  out[at + 1] = 0x89
  return out.fill(0, at + 2, at + 11)
}
