import { serverNow } from '../api/server-time.ts'
import type { Stream } from '../api/api-routes.ts'
import type { PlayerView } from './player-view.ts'

/** Where the bar begins and ends, in epoch ms. */
export type ShowSpan = { fromMs: number; toMs: number }

/**
 * The part of a show a viewer can reach: from its start, or as far back as the channel allows, to now; of an archive,
 * all of it. Undefined when there is nothing to rewind to.
 */
export function showSpan(
  stream: Pick<Stream, 'started_at' | 'state'>,
  view: Pick<PlayerView, 'mode' | 'rangeFromMs' | 'rangeToMs'>,
  dvrWindowMs: number,
  nowMs: number = serverNow(),
): ShowSpan | undefined {
  const { mode, rangeFromMs, rangeToMs } = view
  if (mode === 'archive') {
    return rangeFromMs === undefined || rangeToMs === undefined ? undefined : { fromMs: rangeFromMs, toMs: rangeToMs }
  }
  if (dvrWindowMs === 0 || stream.started_at === null) return undefined
  // While its creator is away the show does not grow; the bar stands still with it.
  const toMs = stream.state === 'live' ? nowMs : (rangeToMs ?? nowMs)
  const startMs = Math.max(Date.parse(stream.started_at), toMs - dvrWindowMs)
  const fromMs = mode === 'dvr' && rangeFromMs !== undefined ? Math.max(startMs, rangeFromMs) : startMs
  return fromMs < toMs ? { fromMs, toMs } : undefined
}
