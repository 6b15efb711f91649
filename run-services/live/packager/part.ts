/** The least that can be fetched: one chunk of the encoder. */
export type Part = {
  /** Media second of its first frame. */
  startS: number
  durationS: number
  /** Starts with a key frame. */
  independent: boolean
  bytes: Uint8Array
}
