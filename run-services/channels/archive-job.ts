import { z } from 'zod'

/** Segments verified by one job; a longer show is verified by one job after the other. */
export const ARCHIVE_SEGMENTS_MAX = 500
/** Losses named in one result. */
export const ARCHIVE_LOST_MAX = 500

/** What the job's row says: where its part of the show begins. */
export const archiveInput = z.strictObject({ from_seq: z.int().min(0), round: z.int().min(0) })

/** What the worker is handed: signed URLs, sizes and digests; nothing else of the platform. */
export const archivePayload = z.object({
  segments: z.array(
    z.object({
      seq: z.int(),
      renditions: z.array(
        z.object({
          name: z.string(),
          url: z.url(),
          bytes: z.int(),
          sha256: z.string().optional(),
          /** What the store said of the object when it was indexed; what stands in for the digest where there is none. */
          etag: z.string().optional(),
        }),
      ),
    }),
  ),
  /** Numbers in this part of the show that were never stored. */
  absent: z.array(z.int()).max(ARCHIVE_LOST_MAX),
  /** Where the next job goes on; null after the last. */
  next_seq: z.int().nullable(),
})
export type ArchivePayload = z.infer<typeof archivePayload>

const archiveLoss = z.object({
  seq: z.int(),
  rendition: z.string(),
  problem: z.enum(['missing', 'size', 'digest']),
})
export type ArchiveLoss = z.infer<typeof archiveLoss>

/** How far the worker is; also its result. */
export const archiveProgress = z.object({
  /** Segments with a lower number have been read. */
  next_seq: z.int(),
  segments: z.int(),
  bytes: z.number(),
  lost: z.array(archiveLoss).max(ARCHIVE_LOST_MAX),
})
export type ArchiveProgress = z.infer<typeof archiveProgress>

/** What the worker answers: its last progress, what was absent from the start, and where to go on. */
export const archiveResult = archiveProgress.extend({ absent: z.array(z.int()), go_on: z.int().nullable() })
export type ArchiveResult = z.infer<typeof archiveResult>

export const ARCHIVE_START: ArchiveProgress = { next_seq: 0, segments: 0, bytes: 0, lost: [] }
