import { creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { type MarkedPublication, publishMarked } from '../helpers/marked-media-publisher.ts'
import type { MarkedMedia } from '../helpers/marked-media.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { until } from './until.ts'

/** A marked show on the air on our platform. */
export type BenchShow = AsyncDisposable & {
  readonly publication: MarkedPublication
  readonly streamId: string
  readonly hlsUrl: string
  readonly dashUrl: string
  readonly watchUrl: string
}

/** Frames a show is from its start when players join, in s: past every start-up effect. */
const SETTLE_S = 4

/** The whole platform as `npm start` runs it, without the demo show. */
export async function benchPlatform(env: Record<string, string> = {}): Promise<Platform> {
  return startPlatform({ env: { LOG_LEVEL: 'warn', ...env } })
}

/** Publishes marked media into a channel of its own; resolves when viewers can join. */
export async function benchShow(platform: Platform, media: MarkedMedia): Promise<BenchShow> {
  const client = await creatorClient(platform)
  const channel = await client.createChannel({ title: 'Marked', reconnect_window_s: 1 })
  const publication = await publishMarked(media, publishUrl(platform, channel))
  try {
    const stream = await until(() => client.liveStream(channel.id), { what: 'the show to be live' })
    const { hls_url: hlsUrl, dash_url: dashUrl = '' } = stream.playback
    await until(async () => ((await fetch(hlsUrl)).ok ? true : undefined), { what: 'the master playlist' })
    await until(() => (publication.sent() > SETTLE_S * media.fps ? true : undefined), { what: 'the show to settle' })
    return {
      publication,
      streamId: stream.id,
      hlsUrl,
      dashUrl,
      watchUrl: `${platform.apiUrl}/w/${stream.id}`,
      [Symbol.asyncDispose]: async () => {
        await publication.stop()
        await client.complete(stream.id)
      },
    }
  } catch (error) {
    await publication.stop()
    throw error
  }
}
