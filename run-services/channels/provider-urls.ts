import { z } from 'zod'
import type { LiveChannel } from '#shared/ports/live-channels/live-channels.ts'

/** What a channel's row keeps of the plane's addresses: its doors, and where it serves what is on the air itself. */
export const providerUrls = z.object({
  rtmp_url: z.string().optional(),
  srt_url: z.string().optional(),
  ws_url: z.string().optional(),
  whip_url: z.string().optional(),
  playback_url: z.url().optional(),
})

/** A channel's addresses as its row keeps them. */
export function providerUrlsOf({ ingest, playbackUrl }: LiveChannel): z.infer<typeof providerUrls> {
  const { rtmpUrl, srtUrl, wsUrl, whipUrl } = ingest
  return {
    ...(rtmpUrl === undefined ? {} : { rtmp_url: rtmpUrl }),
    ...(srtUrl === undefined ? {} : { srt_url: srtUrl }),
    ...(wsUrl === undefined ? {} : { ws_url: wsUrl }),
    ...(whipUrl === undefined ? {} : { whip_url: whipUrl }),
    ...(playbackUrl === undefined ? {} : { playback_url: playbackUrl }),
  }
}
