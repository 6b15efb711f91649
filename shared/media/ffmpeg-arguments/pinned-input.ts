/** The containers we let in; each is read by exactly one ffmpeg demuxer. */
export type Container = 'mov' | 'matroska' | 'flv' | 'mpegts'

const FORMAT_WHITELIST: Readonly<Record<Container, string>> = {
  mov: 'mov,mp4,m4a,3gp,3g2,mj2',
  matroska: 'matroska,webm',
  flv: 'flv',
  mpegts: 'mpegts',
}
/** Largest picture that is decoded: 4096 × 2304. */
export const PIXELS_MAX = 9_437_184
/** Largest single allocation of ffmpeg, bytes. */
const ALLOCATION_BYTES_MAX = 268_435_456

/**
 * Limits and pinned demuxer for one input, so that content never chooses how it is opened: stock ffmpeg would follow a
 * playlist inside a file to other files and hosts. `path` is a plain path or `pipe:0`.
 */
export function pinnedInput(container: Container, path: string): string[] {
  return [...pinnedDemuxer(container, path), '-i', path]
}

/** The same without `-i`, for ffprobe, which takes its input last. */
export function pinnedDemuxer(container: Container, path: string): string[] {
  const protocol = path.startsWith('pipe:') ? 'pipe' : 'file'
  return [
    ['-max_alloc', String(ALLOCATION_BYTES_MAX)],
    ['-protocol_whitelist', protocol],
    ['-format_whitelist', FORMAT_WHITELIST[container]],
    ['-max_pixels', String(PIXELS_MAX)],
    ['-f', container],
  ].flat()
}
