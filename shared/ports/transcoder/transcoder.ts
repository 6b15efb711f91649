/** One quality of the picture; even sides, in pixels. */
export type EncodeRung = { name: string; width: number; height: number; bitrateKbps: number }

/** What is to be made of one stored video. */
export type EncodeSpec = {
  /** Our job: the same id twice is one encode. Letters, digits and `-`, at most 64. */
  jobId: string
  /** Key of the source object. */
  source: string
  /** Every object of the result begins with it; ends with `/`, and holds nothing yet. */
  prefix: string
  rungs: readonly EncodeRung[]
  /** One constant rate, as a fraction: 30000/1001. */
  frameRate: { numerator: number; denominator: number }
  /** Key frames this far apart, at the same instants in every rung, in s. */
  gopS: number
  /** A whole number of key frame distances, in s. */
  segmentS: number
  /** Absent when the source is silent. */
  audio?: { bitrateKbps: number; channels: 1 | 2 }
}

/** How far an encode is; `percent` is of the work, not of the film. */
export type EncodeStatus =
  | { state: 'submitted' | 'progressing'; percent: number }
  | { state: 'done'; hls: string; dash: string }
  | { state: 'failed'; error: { code: string; message: string } }
  | { state: 'canceled' }

/**
 * Makes stored video watchable: CMAF segments once, named by an HLS and a DASH manifest, both under the prefix.
 *
 * Every verb is safe to repeat. Throws `Refusal` with `media.rejected` (the spec can never work) or
 * `service.unavailable`; what the source is found to be while encoding is a status.
 */
export interface Transcoder {
  /** Resolves when the encode is accepted; gives the encoder's own name for it. What a dead process left is taken up again. */
  start(spec: EncodeSpec, signal?: AbortSignal): Promise<{ ref: string }>
  /** Undefined when the encoder does not know it, or no more. */
  status(ref: string, signal?: AbortSignal): Promise<EncodeStatus | undefined>
  /** What has ended already stays as it is. */
  cancel(ref: string, signal?: AbortSignal): Promise<void>
}
