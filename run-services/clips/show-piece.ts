/** One segment, or one part of the newest, of one track of a show. */
export type ShowPiece = {
  /** Path below the show's folder, e.g. `v1/720p/12.m4s`. */
  path: string
  /** Path of its initialization segment; pieces with the same one are of one encoder run. */
  init: string
  /** Wall clock (epoch ms) of its first sample; of a part, of the segment it belongs to. */
  atMs: number
  durationMs: number
  /** Where it is read: an object that is stored, or the origin as players see it. */
  from: { place: 'store'; sha256: string | undefined } | { place: 'origin' }
}

/** One segment of MPEG-TS of one rendition, picture and sound in one: its key in the store. */
export type TransportPiece = { key: string; bytes: number }

/** Pieces of one moment of the show: everything its tracks have of one segment. */
export type ShowMoment = {
  seq: number
  epoch: number
  atMs: number
  durationMs: number
  video: readonly ShowPiece[]
  audio: readonly ShowPiece[]
  /** Instead of both, where the show is recorded as MPEG-TS: its renditions, the best first. */
  transport?: readonly TransportPiece[]
}
