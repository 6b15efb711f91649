/** Entry points of a playback id on the media origin, under `/live/<id>/` while it can be on air and `/play/<id>/` afterwards. */
export const PLAYBACK_PATHS = {
  hls: 'master.m3u8',
  /** The whole rewind window, at standard latency. */
  dvr: 'dvr.m3u8',
  dash: 'manifest.mpd',
  /** A clip as one file; redirects to its newest form. */
  clip: 'clip.mp4',
  /** The clip as the feed shows it, once it is rendered. */
  vertical: 'vertical.mp4',
  square: 'square.mp4',
  poster: 'poster.jpg',
  storyboard: 'storyboard.vtt',
} as const

/** The address of an object or entry point below the media origin, whose own path may be any. */
export function mediaUrlOf(origin: URL, path: string): string {
  const root = origin.pathname.endsWith('/') ? origin : new URL(`${origin.pathname}/`, origin)
  return new URL(path, root).href
}
