/** A sheet of small pictures, left to right and top to bottom, one for each stretch of the clip. */
export type Filmstrip = { frames: number; everyS: number; columns: number; rows: number; width: number; height: number }

/** Width of one picture of a strip, in pixels. */
const FRAME_WIDTH = 160
/** Most pictures of a clip's strip. */
const FRAMES_MAX = 20
const COLUMNS_MAX = 5

/** The strip of a clip: a picture a second, at most twenty, in pictures of the source's shape. */
export function clipFilmstrip(clip: { durationS: number; width: number; height: number }): Filmstrip {
  const frames = Math.min(FRAMES_MAX, Math.max(1, Math.floor(clip.durationS)))
  return filmstripOf(clip, frames, clip.durationS / frames, COLUMNS_MAX)
}

/** A strip of so many pictures at that distance. */
export function filmstripOf(
  source: { width: number; height: number },
  frames: number,
  everyS: number,
  columnsMax: number,
): Filmstrip {
  const columns = Math.min(columnsMax, frames)
  const height = Math.max(2, 2 * Math.round((FRAME_WIDTH * source.height) / source.width / 2))
  return { frames, everyS, columns, rows: Math.ceil(frames / columns), width: FRAME_WIDTH, height }
}

/** Filters that make the sheet of a video: the first picture of each stretch, then the tiles. */
export function filmstripFilters({ frames, everyS, columns, rows, width, height }: Filmstrip): string {
  return [
    `select='gte(t+0.0005,selected_n*${everyS.toFixed(6)})*lt(selected_n,${frames})'`,
    `scale=${width}:${height}`,
    `tile=${columns}x${rows}:nb_frames=${frames}`,
    'setsar=1',
  ].join(',')
}
