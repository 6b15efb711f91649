/** One output of the encoder, in the order of the relay's track numbers. */
export type VideoTrack = {
  kind: 'video'
  /** Rendition name and path segment, e.g. `720p`. */
  name: string
  width: number
  height: number
  bitrateKbps: number
}
export type AudioTrack = { kind: 'audio'; name: 'audio'; bitrateKbps: number; sampleRate: number; channels: number }

/** What one encoder makes of one source: decided once per encoder run, identical for every track. */
export type LadderPlan = {
  /** Constant output frame rate. */
  fps: number
  gopS: number
  /** Frames of one part; `partFrames / fps` is its length in seconds. */
  partFrames: number
  /** Video tracks best first, then the audio track when the source has one. */
  tracks: readonly (VideoTrack | AudioTrack)[]
  /** Rungs the machine's budget left out; named in the stream's health. */
  omitted: readonly string[]
}
