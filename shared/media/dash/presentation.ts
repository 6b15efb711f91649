/** One track of one period. */
export type DashTrack = {
  kind: 'video' | 'audio'
  /** Also the folder of its media below the period's. */
  id: string
  codec: string
  bandwidth: number
  timescale: number
  width: number
  height: number
  frameRate: number
  sampleRate: number
  channels: number
  /** `$Number$` template and initialization URL, relative to the manifest. */
  media: string
  initialization: string
}

/** One run of the encoder: a timeline of its own. */
export type DashPeriod = {
  id: string
  /** Seconds after the presentation's start. */
  startS: number
  /** Known once the period is over. */
  durationS: number | undefined
  /** Media second that `startS` is at. */
  mediaStartS: number
  /** Number of the segment that starts at `mediaStartS`. */
  startNumber: number
  segmentS: number
  tracks: readonly DashTrack[]
}

export type DashPresentation =
  | {
      type: 'dynamic'
      availabilityStartMs: number
      publishedMs: number
      minimumUpdateS: number | undefined
      timeShiftS: number
      suggestedDelayS: number
      /** Length of the first chunk of a segment; `undefined` when segments appear whole. */
      partS: number | undefined
      /** URL that answers the server's time, ISO 8601. */
      clockUrl: string
      durationS: number | undefined
      periods: readonly DashPeriod[]
      targetLatencyMs: number
    }
  | { type: 'static'; durationS: number; periods: readonly DashPeriod[] }
