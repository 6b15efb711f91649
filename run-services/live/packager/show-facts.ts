import { z } from 'zod'

/** What is known of one track of one encoder run, from its plan and its initialization segment. */
const trackFacts = z.object({
  /** Rendition name and folder. */
  name: z.string(),
  kind: z.enum(['video', 'audio']),
  codec: z.string(),
  timescale: z.int().positive(),
  width: z.int().nonnegative(),
  height: z.int().nonnegative(),
  sample_rate: z.int().nonnegative(),
  channels: z.int().nonnegative(),
  bitrate_kbps: z.number().positive(),
})
export type TrackFacts = z.infer<typeof trackFacts>

/** One encoder run of a show: a timeline of its own. Written once, before its first segment. */
export const epochFacts = z.object({
  epoch: z.int().nonnegative(),
  /** Folder of its media below the show, `v<epoch>`: whatever a process that died had shown, no URL is used twice. */
  folder: z.string(),
  fps: z.number().positive(),
  gop_s: z.number().positive(),
  /** Wall clock (ms) of media second 0. */
  zero_at_ms: z.number(),
  /** Sequence number and media second of its first segment. */
  first_seq: z.int().nonnegative(),
  first_s: z.number().nonnegative(),
  /** Wall clock (ms) at which the whole show begins; the same in all its epochs. */
  show_began_ms: z.number(),
  tracks: z.array(trackFacts),
})
export type EpochFacts = z.infer<typeof epochFacts>

/** One segment of a show as it was stored. */
export const segmentFacts = z.object({
  seq: z.int().nonnegative(),
  epoch: z.int().nonnegative(),
  /** Media second of its first picture. */
  start_s: z.number(),
  duration_s: z.number().positive(),
  discontinuity: z.boolean(),
  stored_at_ms: z.number(),
  tracks: z.array(
    z.object({
      name: z.string(),
      start_s: z.number(),
      duration_s: z.number().positive(),
      bytes: z.int().positive(),
      sha256: z.string().length(64),
    }),
  ),
})
export type SegmentFacts = z.infer<typeof segmentFacts>
