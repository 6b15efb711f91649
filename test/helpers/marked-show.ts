import { expect } from 'vitest'
import { type CreatedChannel, type CreatorClient, publishUrl, type StreamFacts } from './creator-client.ts'
import { eventually } from './eventually.ts'
import { markedMedia } from './marked-media.ts'
import { publishMarked } from './marked-media-publisher.ts'
import type { Platform } from './platform.ts'

const WITHIN = { withinMs: 90_000 }

/** Publishes marked media as a show of its own and waits until it is over and every segment of it is indexed. */
export async function markedShow(platform: Platform, alice: CreatorClient, seconds: number): Promise<StreamFacts> {
  const media = await markedMedia({ width: 320, height: 180, fps: 30, seconds })
  const channel: CreatedChannel = await alice.createChannel({ reconnect_window_s: 1, renditions_max: 1 })
  const publication = await publishMarked(media, publishUrl(platform, channel))
  const live = await eventually(
    () => alice.liveStream(channel.id),
    found => expect(found).toBeDefined(),
    WITHIN,
  )
  await publication.ended
  if (live === undefined) throw new Error('No stream went live.')
  const stream = await eventually(
    () => alice.stream(live.id),
    ({ ended_at }) => expect(ended_at).not.toBeNull(),
    WITHIN,
  )
  await eventually(
    () => alice.ledger(live.id),
    ({ off, indexed }) => {
      expect(off).toBe(0)
      expect(indexed).toBeGreaterThan(0)
    },
    WITHIN,
  )
  return stream
}
