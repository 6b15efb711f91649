import type { FlvTag } from '#shared/media/flv/flv-tag.ts'

/** A tag with the local time (ms since the epoch) at which its last byte was read. */
export type ArrivedTag = FlvTag & { atMs: number }
