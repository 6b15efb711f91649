/** One quality a viewer can choose. */
export type Quality = { index: number; height: number; kbps: number }

export type SourceStats = {
  engine: string
  rung: string
  bandwidthKbps: number | undefined
  targetLatencyMs: number | undefined
  droppedFrames: number
}

/** One playlist playing in a video element, told in program date-time (epoch ms). */
export interface PlaybackSource {
  /** When what is on screen was on air. */
  playingAtMs(): number | undefined
  /** When what lies so many ms of playing time from the picture was on air; undefined outside this playlist. */
  airTimeAfter(playMs: number): number | undefined
  /** From when to when this playlist reaches. */
  range(): { fromMs: number; toMs: number } | undefined
  /** Goes to that moment, or starts there when nothing is loaded yet; false when this playlist does not hold it. */
  seekTo(atMs: number): boolean
  /** Goes to the live edge of this playlist. */
  seekToEdge(): void
  qualities(): Quality[]
  /** The chosen quality, or -1 for automatic. */
  chosen(): number
  /** The quality on screen. */
  current(): number
  choose(index: number): void
  stats(): SourceStats
  close(): void
}

export type SourceOptions = {
  url: string
  /** Start there instead of at the live edge (live) or at the beginning (archive). */
  startAtMs: number | undefined
  /** The playlist cannot be played any more, after every retry. */
  onFailed: () => void
  /** At the live edge, part by part; a viewer further back needs whole segments alone, and asks for playlists rarely. */
  lowLatency: boolean
  /** Low on purpose: a muted preview in a small card. */
  preview?: boolean
}
