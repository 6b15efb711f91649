/** Entry points of a playback id on the media origin, under `/live/<id>/` while it can be on air and `/play/<id>/` afterwards. */
export const PLAYBACK_PATHS = {
  hls: 'master.m3u8',
  /** The whole rewind window, at standard latency. */
  dvr: 'dvr.m3u8',
  dash: 'manifest.mpd',
} as const
