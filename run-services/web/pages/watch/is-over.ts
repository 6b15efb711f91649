import type { Stream } from '../api/api-routes.ts'

/** Whether the show is over, whatever is still done to its recording. */
export function isOver(stream: Pick<Stream, 'state'>): boolean {
  return stream.state !== 'live' && stream.state !== 'reconnecting' && stream.state !== 'connecting'
}
