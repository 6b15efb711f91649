import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '#shared/domain/refusal.ts'
import { rejectedMedia } from '#shared/media/ffmpeg-arguments/read-ffprobe-report.ts'
import { sniffContainer } from '#shared/media/ffmpeg-arguments/sniff-container.ts'
import { SOUND_TRACK, vodLadder, type VodSource } from '#shared/media/ffmpeg-arguments/vod-ladder.ts'
import type { Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { probeMedia } from '#shared/media-sandbox/probe-media.ts'
import { runMediaCommand } from '#shared/media-sandbox/run-media-command.ts'
import type { SandboxLimits } from '#shared/media-sandbox/sandbox-command.ts'
import type { ObjectStore, PutOptions } from '../object-store/object-store.ts'
import { cutTrack, type PictureTimes } from './cut-track.ts'
import {
  DASH_NAME,
  encodeManifests,
  type EncodedTrack,
  type EncodedTracks,
  HLS_NAME,
  INIT_NAME,
  segmentName,
  trackDurationS,
} from './encode-manifests.ts'
import { type RunFolder, runFolder } from '#shared/service/run-folder.ts'
import type { EncodeSpec } from './transcoder.ts'

type EncodeRun = {
  store: ObjectStore
  sandbox: Sandbox
  spec: EncodeSpec
  /** Every object is put under it; this run's own. */
  folder: string
  /** Where it works on files; the system's folder for such when absent. */
  scratch: string | undefined
  signal: AbortSignal
  onPercent: (percent: number) => void
}

const SOURCE_BYTES_MAX = 32 * 1024 ** 3
const FILM_S_MAX = 12 * 3_600
/** Wall clock and CPU that a second of film may take, and any film beside. */
const WALL_MS_PER_S = 60_000
const CPU_S_PER_S = 30
/** Longest time that a timer takes. */
const WALL_MS_MAX = 2 ** 31 - 1
const START_S = 120
/** Behind everything live on the same machine. */
const NICE = 15
const HEAD_BYTES = 512
/** A result this much shorter than its source says it is comes from a damaged one. */
const LOST_S_MAX = 1
const LOST_SHARE_MAX = 0.05
/** How much of the work is done (percent) when the source is there, encoded, and stored. */
const FETCHED = 2
const ENCODED = 90
const STORED = 99
const SOURCE = 'source'
const CACHE = 'public, max-age=86400, immutable'

type Source = VodSource & { picturesS: number | undefined }

/**
 * Encodes one stored video under the run's folder, manifests last; gives their keys.
 *
 * Throws the refusals `media.rejected` and `resource.missing` for what no other run could do either, the reason of `signal`,
 * or an `Error` that another run may not meet. What it has put by then is the caller's to remove.
 */
export async function encodeRun(run: EncodeRun): Promise<{ hls: string; dash: string }> {
  await using scratch = await runFolder('encode', run.scratch)
  const path = join(scratch.in, SOURCE)
  await fetchSource(run, path)
  const source = await examine(run, path)
  run.onPercent(FETCHED)
  await encode(run, source, scratch)
  run.onPercent(ENCODED)
  const tracks = await storeTracks(run, source, scratch)
  for (const { name, contentType, text } of encodeManifests(tracks)) {
    await put(run, name, Buffer.from(text), contentType)
  }
  return { hls: `${run.folder}${HLS_NAME}`, dash: `${run.folder}${DASH_NAME}` }
}

async function fetchSource({ store, spec, signal }: EncodeRun, path: string): Promise<void> {
  const object = await store.get(spec.source, { signal })
  if (object === undefined) throw new Refusal('resource.missing', { detail: 'There is no source to encode.' })
  if (object.bytes > SOURCE_BYTES_MAX) throw rejectedMedia('The source is larger than 32 GiB.')
  await pipeline(object.body, createWriteStream(path), { signal })
}

async function examine({ sandbox, spec, signal }: EncodeRun, path: string): Promise<Source> {
  const { durationS, streams } = await probeMedia(sandbox, { path }, { signal })
  const container = sniffContainer(await headOf(path))
  const pictures = streams.find(({ kind }) => kind === 'video')
  if (container === undefined || pictures === undefined) throw rejectedMedia('The source has no pictures.')
  if (spec.audio !== undefined && streams.every(({ kind }) => kind !== 'audio')) {
    throw rejectedMedia('The source has no sound, and sound was asked for.')
  }
  if ((durationS ?? 0) > FILM_S_MAX) throw rejectedMedia('The source lasts longer than 12 hours.')
  return { container, path, longestS: FILM_S_MAX, durationS, picturesS: pictures.durationS }
}

async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return buffer.subarray(0, bytesRead)
}

async function encode(run: EncodeRun, source: Source, scratch: RunFolder): Promise<void> {
  const { sandbox, spec, signal, onPercent } = run
  const filmS = source.durationS ?? FILM_S_MAX
  const limits: SandboxLimits = {
    // Eight encoders of 1080p at once: address space, not memory.
    addressSpaceBytes: 6 * 1024 ** 3,
    cpuS: Math.ceil(START_S + filmS * CPU_S_PER_S),
    fileBytes: SOURCE_BYTES_MAX,
    openFiles: 64,
  }
  await runMediaCommand({
    sandbox,
    signal,
    limits,
    nice: NICE,
    inDirectory: scratch.in,
    outDirectory: scratch.out,
    timeoutMs: Math.min(START_S * 1_000 + filmS * WALL_MS_PER_S, WALL_MS_MAX),
    command: at => vodLadder(spec, { ...source, path: join(at.in, SOURCE) }, track => join(at.out, fileName(track))),
    onProgress: atS => onPercent(FETCHED + (ENCODED - FETCHED) * Math.min(1, Math.max(0, atS / filmS))),
  })
}

async function storeTracks(run: EncodeRun, source: Source, scratch: RunFolder): Promise<EncodedTracks> {
  const { spec, onPercent } = run
  const names = [...spec.rungs.map(({ name }) => name), ...(spec.audio === undefined ? [] : [SOUND_TRACK])]
  const pictures: EncodedTrack[] = []
  let sound: EncodedTrack | undefined
  for (const [index, name] of names.entries()) {
    const times = name === SOUND_TRACK ? timesOf(pictures) : undefined
    const track = await storeTrack(run, name, join(scratch.out, fileName(name)), times)
    if (name === SOUND_TRACK) sound = track
    else pictures.push(track)
    if (index === 0) refuseTorn(source, trackDurationS(track))
    onPercent(ENCODED + ((STORED - ENCODED) * (index + 1)) / names.length)
  }
  const { segments } = timesOf(pictures)
  if (pictures.some(track => track.segments.length !== segments)) throw new Error('The rungs differ in length.')
  if (sound !== undefined && sound.segments.length < segments) {
    throw rejectedMedia('The sound of the source ends long before its pictures, and it does not say how long it is.')
  }
  const { numerator, denominator } = spec.frameRate
  return { pictures, sound, segmentS: spec.segmentS, fps: numerator / denominator }
}

function timesOf([first]: readonly EncodedTrack[]): PictureTimes {
  return first === undefined
    ? { segments: 0, endS: 0 }
    : { segments: first.segments.length, endS: trackDurationS(first) }
}

async function storeTrack(
  run: EncodeRun,
  name: string,
  path: string,
  pictures: PictureTimes | undefined,
): Promise<EncodedTrack> {
  const contentType = pictures === undefined ? 'video/mp4' : 'audio/mp4'
  const segments: { bytes: number; durationS: number }[] = []
  let header: EncodedTrack['header'] | undefined
  for await (const piece of cutTrack(createReadStream(path), run.spec.segmentS, pictures)) {
    const file = piece.kind === 'init' ? INIT_NAME : segmentName(piece.index)
    await put(run, `${name}/${file}`, piece.bytes, contentType)
    if (piece.kind === 'init') header = piece.track
    else segments.push({ bytes: piece.bytes.byteLength, durationS: piece.durationS })
  }
  if (header === undefined || segments.length === 0) throw rejectedMedia('There is nothing to see in the source.')
  return { name, header, segments }
}

/** ffmpeg reads as far as it can and says that all is well. */
function refuseTorn({ picturesS }: Source, encodedS: number): void {
  if (picturesS === undefined || picturesS - encodedS <= Math.max(LOST_S_MAX, picturesS * LOST_SHARE_MAX)) return
  throw rejectedMedia(`The source is damaged: ${encodedS.toFixed(1)} s of its ${picturesS.toFixed(1)} s could be read.`)
}

async function put({ store, folder, signal }: EncodeRun, name: string, bytes: Uint8Array, contentType: string) {
  signal.throwIfAborted()
  const options: PutOptions = { contentType, cacheControl: CACHE, signal }
  await store.put(`${folder}${name}`, bytes, options)
}

function fileName(track: string): string {
  return `${track}.mp4`
}
