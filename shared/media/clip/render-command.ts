import { type MediaCommand, type MediaFile, pinnedFile } from '../ffmpeg-arguments/media-command.ts'
import type { ClipFrame, PictureSize, ShapeRegion } from './clip-frame.ts'
import { levelFilters, meter } from './clip-loudness.ts'
import { cropExpression } from './crop-expression.ts'
import type { CropKnot } from './crop-path.ts'
import { type Filmstrip, filmstripFilters } from './filmstrip.ts'
import { type CutFile, KEEP_GRAPH } from './look-command.ts'

/** What one render makes, and of what. */
export type RenderPlan = {
  cut: CutFile & PictureSize
  /** The video files that are wanted now. */
  frames: readonly ClipFrame[]
  poster?: Pick<ClipFrame, 'region' | 'size'> & { atS: number }
  filmstrip?: Filmstrip
  crop: readonly CropKnot[]
  gainDb: number
}

/** Name of the meter that says how loud the result is, before its last encode. */
export const RESULT_METER = 'result'
/** Largest file of a render, in bytes. */
const FILE_BYTES_MAX = 256 * 1024 * 1024

/** A time base in which every frame of the cut keeps its own time. */
const TIMESCALE = '90000'
const KEY_EVERY_S = 2
const SLACK_S = 0.5
/** Bits per second and pixel at most. */
const BITS_PER_PIXEL = 5
const KBPS_MIN = 400
/** A frame that begins this close before the end of what a platform takes, in s, would lie behind it. */
const LONGEST_SLACK_S = 0.0005

/** One decode into every file of the plan; `pathOf` gives each its place, by name. */
export function renderCommand(plan: RenderPlan, pathOf: (name: string) => string): MediaCommand {
  const { cut, frames, poster, filmstrip } = plan
  const sound = cut.audio && frames.length > 0
  const graph = [...pictureGraph(plan), ...(sound ? [soundGraph(plan)] : [])]
  return {
    inputs: [pinnedFile('mov', cut.path, cut.durationS + SLACK_S, KEEP_GRAPH)],
    filter: graph.join(';'),
    outputs: [
      ...frames.map(frame => videoFile(frame, sound, pathOf(frame.name))),
      ...(poster === undefined ? [] : [pictureFile('poster', pathOf('poster'))]),
      ...(filmstrip === undefined ? [] : [pictureFile('filmstrip', pathOf('filmstrip'))]),
    ],
  }
}

type Branch = { name: string; region?: ShapeRegion; filters: string }

/** Each region is cut out once, whatever is made of it. */
function pictureGraph({ cut, frames, poster, filmstrip, crop }: RenderPlan): string[] {
  const branches: Branch[] = [
    ...frames.map(({ name, region, size, longestS }) => {
      const trim = longestS === undefined ? '' : `,trim=end=${(longestS - LONGEST_SLACK_S).toFixed(4)}`
      return { name, region, filters: `${scaled(regionSize(cut, region), size)}${trim},setsar=1` }
    }),
    ...(poster === undefined ? [] : [{ name: 'poster', region: poster.region, filters: posterFilters(cut, poster) }]),
    ...(filmstrip === undefined ? [] : [{ name: 'filmstrip', filters: filmstripFilters(filmstrip) }]),
  ]
  const regions = [...new Set(branches.map(({ region }) => regionFilters(cut, region, crop)))]
  const members = regions.map(filters => branches.filter(({ region }) => regionFilters(cut, region, crop) === filters))
  return [
    `[0:v:0]scale=${cut.width}:${cut.height},split=${regions.length}${regions.map((_, index) => `[r${index}]`).join('')}`,
    ...regions.map((filters, index) => {
      const inside = members[index] ?? []
      return `[r${index}]${filters},split=${inside.length}${inside.map(({ name }) => `[${name}-in]`).join('')}`
    }),
    ...branches.map(({ name, filters }) => `[${name}-in]${filters}[${name}]`),
  ]
}

function regionFilters(source: PictureSize, region: ShapeRegion | undefined, path: readonly CropKnot[]): string {
  const { crop, pad } = region ?? {}
  const bars = pad && `pad=${pad.width}:${pad.height}:(ow-iw)/2:(oh-ih)/2`
  if (crop === undefined) return bars ?? 'null'
  const room = source.width - crop.width
  const x = room < 2 ? '0' : `'clip((${cropExpression(path)})*${source.width}-${crop.width / 2},0,${room})'`
  const cropped = `crop=${crop.width}:${crop.height}:${x}:0`
  return bars === undefined ? cropped : `${cropped},${bars}`
}

function regionSize(source: PictureSize, { crop, pad }: ShapeRegion): PictureSize {
  return pad ?? crop ?? source
}

function scaled(from: PictureSize, to: PictureSize): string {
  return from.width === to.width && from.height === to.height ? 'null' : `scale=${to.width}:${to.height}:flags=bicubic`
}

function posterFilters(source: PictureSize, { atS, region, size }: NonNullable<RenderPlan['poster']>): string {
  const scale = scaled(regionSize(source, region), size)
  return `select='gte(t+0.0005,${atS.toFixed(3)})*eq(selected_n,0)',${scale},setsar=1`
}

function soundGraph({ cut, frames, gainDb }: RenderPlan): string {
  const level = `[0:a:0]${levelFilters(gainDb)},atrim=end=${cut.durationS.toFixed(4)},${meter(RESULT_METER)}`
  const split = `asplit=${frames.length}${frames.map(({ name }) => `[${name}-sound-in]`).join('')}`
  const ends = frames.map(({ name, longestS }) => {
    const trim = longestS === undefined ? 'anull' : `atrim=end=${longestS}`
    return `[${name}-sound-in]${trim}[${name}-sound]`
  })
  return [`${level},${split}`, ...ends].join(';')
}

function videoFile({ name, size }: ClipFrame, sound: boolean, path: string): MediaFile {
  const kbps = Math.max(KBPS_MIN, Math.round((size.width * size.height * BITS_PER_PIXEL) / 1000))
  return {
    path,
    options: [
      ['-map', `[${name}]`, ...(sound ? ['-map', `[${name}-sound]`] : [])],
      // Every frame of the cut, at its own time: a constant rate would double one and drop another.
      ['-fps_mode', 'passthrough', '-enc_time_base', `1:${TIMESCALE}`, '-video_track_timescale', TIMESCALE],
      ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
      ['-crf', '21', '-maxrate', `${kbps}k`, '-bufsize', `${2 * kbps}k`],
      ['-force_key_frames', `expr:gte(t,n_forced*${KEY_EVERY_S})`],
      sound ? ['-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2'] : [],
      ['-map_metadata', '-1', '-movflags', '+faststart', '-fs', String(FILE_BYTES_MAX), '-f', 'mp4'],
    ].flat(),
  }
}

function pictureFile(name: string, path: string): MediaFile {
  const picture = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3', '-f', 'image2', '-update', '1']
  return { path, options: ['-map', `[${name}]`, '-fps_mode', 'passthrough', ...picture] }
}
