/** Where things of a show lie, below `/live/<id>/` and below `play/<streamId>/` alike. */
export const MASTER_PATH = 'master.m3u8'
export const DVR_PATH = 'dvr.m3u8'
export const MANIFEST_PATH = 'manifest.mpd'
/** Answers the server's time to DASH players. */
export const CLOCK_PATH = 'clock'
export const ARCHIVE_PLAYLIST = 'index.m3u8'

/** Prefix of every object of a show's recording. */
export function recordingPrefix(streamId: string): string {
  return `play/${streamId}/`
}

export const folderOf = (firstEpoch: number): string => `v${firstEpoch}`
export const segmentPath = (folder: string, track: string, seq: number): string => `${folder}/${track}/${seq}.m4s`
export const partPath = (folder: string, track: string, seq: number, part: number): string =>
  `${folder}/${track}/${seq}.${part}.m4s`
export const initPath = (folder: string, track: string, epoch: number): string => `${folder}/${track}/init-${epoch}.mp4`

/** `to` as a URL relative to the file `from`, both below the same root. */
export function relativePath(from: string, to: string): string {
  const base = from.split('/').slice(0, -1)
  const target = to.split('/')
  let shared = 0
  while (shared < base.length && shared < target.length - 1 && base[shared] === target[shared]) shared += 1
  return [...base.slice(shared).map(() => '..'), ...target.slice(shared)].join('/')
}
