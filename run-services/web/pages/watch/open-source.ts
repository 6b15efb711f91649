import { hlsSupported, openHls } from './hls-source.ts'
import { openNative } from './native-source.ts'
import type { PlaybackSource, SourceOptions } from './playback-source.ts'

/** Plays a playlist by the best means this browser has. */
export function openSource(video: HTMLVideoElement, options: SourceOptions): PlaybackSource {
  return hlsSupported() ? openHls(video, options) : openNative(video, options)
}
