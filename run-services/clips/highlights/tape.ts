/** A stretch of a show as it was measured: values at a steady rate from `from_ms` on. */
export type TapeStretch = {
  /** Place in the show, in ms since its start by wall clock. */
  from_ms: number
  to_ms: number
  /** Momentary loudness in LUFS, -70 for silence. */
  loudness_lufs: readonly number[]
  /** Share of the picture that changed since the value before, 0 to 1. */
  motion: readonly number[]
}

/** Somebody said that something happens here. */
export type TapeMark = { signal: 'marker' | 'cue'; at_ms: number; note?: string }

/** Everything the picks of a show are made from; the order of its parts means nothing. */
export type Tape = {
  stretches: readonly TapeStretch[]
  marks: readonly TapeMark[]
  /** Up to here everything is known. */
  until_ms: number
  /** The show ends there. */
  over: boolean
}

/** One instant of a tape, with what was measured there, where something was. */
export type TapeSample = { at_ms: number; loudness: number | undefined; motion: number | undefined }

/**
 * The instants of a tape in order: every measured value, and every mark that stands where nothing was measured. Sorted by
 * what they say, so that the order of the tape's parts cannot matter.
 */
export function tapeSamples(tape: Tape, valuesPerS: number): TapeSample[] {
  const stepMs = 1000 / valuesPerS
  const measured = tape.stretches.flatMap(({ from_ms, loudness_lufs, motion }) =>
    loudness_lufs.map((loudness, index) => ({ at_ms: from_ms + index * stepMs, loudness, motion: motion[index] ?? 0 })),
  )
  const marked = tape.marks.map(({ at_ms }) => ({ at_ms, loudness: undefined, motion: undefined }))
  return [...measured, ...marked].sort(
    (a, b) =>
      a.at_ms - b.at_ms || (a.loudness ?? -Infinity) - (b.loudness ?? -Infinity) || (a.motion ?? -1) - (b.motion ?? -1),
  )
}
