import type { ChannelsDeps } from './channels-deps.ts'
import { getChannel } from './channel-queries.ts'
import { indexSegment } from './index-segment.ts'
import { countSegments } from './segment-queries.ts'
import { missingNumbers } from './stream-ledger.ts'
import type { StreamRow } from './stream-queries.ts'

/** Pages of the plane's list read in one go; what is left is taken up by the next run. */
const PAGES_MAX = 50

/**
 * Indexes what the plane has stored of a show and nobody told us of; safe to repeat. Gives how many segments were made
 * good. `stored` is how many there are.
 */
export async function indexMissing(deps: ChannelsDeps, stream: StreamRow, stored: number): Promise<number> {
  const providerStreamId = stream.provider_stream_id ?? ''
  const [channel] = await deps.database.read(getChannel(stream.channel_id))
  const [count] = await deps.database.read(countSegments(stream.stream_id))
  let healed = 0
  if (channel === undefined || (count?.count ?? 0) >= stored) return healed
  const [first] = await missingNumbers(deps.database, stream.stream_id, Number.MAX_SAFE_INTEGER, 1)
  let next = first ?? 0
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const segments = await deps.plane.listSegments(providerStreamId, next)
    const last = segments.at(-1)
    if (last === undefined) break
    const before = await rowCount(deps, stream.stream_id)
    await deps.database.transaction(async tx => {
      for (const segment of segments) await indexSegment(tx, deps, { channel, providerStreamId }, segment)
    })
    healed += (await rowCount(deps, stream.stream_id)) - before
    next = last.seq + 1
  }
  return healed
}

async function rowCount(deps: ChannelsDeps, streamId: string): Promise<number> {
  const [count] = await deps.database.read(countSegments(streamId))
  return count?.count ?? 0
}
