import { type ClipPreset, type ClipShape, CLIP_SHAPES } from '#shared/domain/clip.ts'

/** The part of the source picture that a shape shows; without `crop` all of it, with `pad` on a black ground. */
export type ShapeRegion = { shape: ClipShape; crop?: PictureSize; pad?: PictureSize }
export type PictureSize = { width: number; height: number }

/** One video file of a render: its picture, and how much of the clip it holds where a platform takes no more. */
export type ClipFrame = { name: string; region: ShapeRegion; size: PictureSize; longestS?: number }

const ASPECTS = { wide: 16 / 9, vertical: 9 / 16, square: 1 } as const satisfies Record<ClipShape, number>
/** Share by which a picture may miss a shape and still count as it; 854 x 480 is 16:9. */
const ASPECT_SLACK = 0.01
/** Largest picture of the three shapes, in pixels along its long and its short side. */
const LONG_SIDE_MAX = 1920
const SHORT_SIDE_MAX = 1080
const POSTER_SIDE_MAX = 1280

/** What platforms take as it is: their size, whatever the source's, and their longest duration (s). */
const PRESETS = {
  shorts: { shape: 'vertical', size: { width: 1080, height: 1920 }, longestS: 60 },
  story: { shape: 'vertical', size: { width: 720, height: 1280 }, longestS: 60 },
  'square-post': { shape: 'square', size: { width: 1080, height: 1080 } },
} as const satisfies Record<ClipPreset, { shape: ClipShape; size: PictureSize; longestS?: number }>

/** Every video file of a render of a source of that size; shapes are never larger than the source, sizes are even. */
export function clipFrames(source: PictureSize, presets: readonly ClipPreset[]): ClipFrame[] {
  const shapes = CLIP_SHAPES.map(shape => {
    const region = shapeRegion(source, shape)
    return { name: shape, region, size: bounded(region.pad ?? region.crop ?? source) }
  })
  const exports = presets.map(name => {
    const { shape, ...rest } = PRESETS[name]
    return { name, region: shapeRegion(source, shape), ...rest }
  })
  return [...shapes, ...exports]
}

/** The poster: the wide shape, as large as a page shows it. */
export function posterFrame(source: PictureSize): Pick<ClipFrame, 'region' | 'size'> {
  const region = shapeRegion(source, 'wide')
  return { region, size: bounded(region.pad ?? region.crop ?? source, POSTER_SIDE_MAX) }
}

/** A narrower shape is cut out of the picture; a wider one keeps all of it between black bars. */
function shapeRegion(source: PictureSize, shape: ClipShape): ShapeRegion {
  const aspect = ASPECTS[shape]
  const share = source.width / source.height / aspect
  const whole = { width: even(source.width), height: even(source.height) }
  const uneven = whole.width !== source.width || whole.height !== source.height
  if (Math.abs(share - 1) < ASPECT_SLACK) return { shape, ...(uneven ? { crop: whole } : {}) }
  if (share > 1) return { shape, crop: { width: even(whole.height * aspect), height: whole.height } }
  return {
    shape,
    ...(uneven ? { crop: whole } : {}),
    pad: { width: even(whole.height * aspect), height: whole.height },
  }
}

function bounded({ width, height }: PictureSize, longSideMax = LONG_SIDE_MAX): PictureSize {
  const share = Math.min(1, longSideMax / Math.max(width, height), SHORT_SIDE_MAX / Math.min(width, height))
  return { width: even(width * share), height: even(height * share) }
}

/** Chroma comes in pairs of pixels. */
function even(pixels: number): number {
  return Math.max(2, 2 * Math.floor(pixels / 2 + 1e-9))
}
