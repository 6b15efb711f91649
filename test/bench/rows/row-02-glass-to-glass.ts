import { testBrowser, type TestBrowser } from '../../helpers/frame-clock-browser.ts'
import { type PlayerPages, playerPages } from '../../helpers/frame-clock-player.ts'
import { publishMarked } from '../../helpers/marked-media-publisher.ts'
import { type MarkedMedia, markedMedia } from '../../helpers/marked-media.ts'
import type { Platform } from '../../helpers/platform.ts'
import type { BenchRow, Sample } from '../bench-row.ts'
import { benchPlatform, benchShow } from '../bench-show.ts'
import { ffmpegHls } from '../peers/ffmpeg-hls.ts'
import { until } from '../until.ts'
import { type WatchPlan, watchedLatencyMs } from '../watch-frames.ts'

const FPS = 30
const MEDIA_S = 60
/** Segments the peer has written before its player joins: the three a player starts behind the edge, and one. */
const PEER_SEGMENTS = 4

type Stage = { media: MarkedMedia; browser: TestBrowser; pages: PlayerPages; plan: WatchPlan }

async function ourSample(platform: Platform, { media, browser, pages, plan }: Stage): Promise<Sample> {
  await using show = await benchShow(platform, media)
  const hls = await watchedLatencyMs(browser, pages.hls(show.hlsUrl), show.publication, plan)
  const dash = await watchedLatencyMs(browser, pages.dash(show.dashUrl), show.publication, plan)
  return { hls, dash }
}

async function peerSample({ media, browser, pages, plan }: Stage): Promise<Sample> {
  await using peer = await ffmpegHls(FPS)
  const publish = () => publishMarked(media, `${peer.rtmpUrl}/show`)
  await using publication = await until(publish, { what: 'ffmpeg to listen', everyMs: 100 })
  await until(
    async () => {
      const playlist = await (await fetch(peer.playlistUrl('360p'))).text()
      return playlist.split('#EXTINF').length > PEER_SEGMENTS ? true : undefined
    },
    { what: `the peer's segments: ${peer.log()}`, everyMs: 100 },
  )
  // Its player is as its makers ship it: there are no parts to be fast about.
  const latency = await watchedLatencyMs(browser, pages.hls(peer.masterUrl, {}), publication, plan)
  return { hls: latency, dash: latency }
}

/** RTMP socket to pixels in Chromium, both players, beside ffmpeg's own HLS muxer behind the same ladder. */
export const glassToGlass: BenchRow = {
  id: '2',
  name: 'glass-to-glass',
  title: 'glass to glass, RTMP → Chromium, p50',
  metrics: [
    { key: 'hls', title: 'hls.js', unit: 'ms', goal: { ratioMax: 0.3, atMost: 2_000 } },
    { key: 'dash', title: 'dash.js', unit: 'ms', goal: { ratioMax: 0.3, atMost: 2_000 } },
  ],
  rounds: 3,
  quickRounds: 1,
  ready: async ({ quick, say }) => {
    say('  encoding marked media …')
    const media = await markedMedia({ fps: FPS, seconds: MEDIA_S })
    const parts = new AsyncDisposableStack()
    const platform = parts.use(await benchPlatform())
    const stage: Stage = {
      media,
      browser: parts.use(await testBrowser()),
      pages: parts.use(await playerPages()),
      plan: quick ? { settleMs: 4_000, sampleMs: 4_000, fps: FPS } : { settleMs: 8_000, sampleMs: 10_000, fps: FPS },
    }
    return {
      ours: { name: 'Showreel', sample: () => ourSample(platform, stage) },
      peer: { name: 'ffmpeg HLS muxer, 2 s segments, hls.js', sample: () => peerSample(stage) },
      notes: [
        '720p30, 2 s GOP, three rungs; read from the frame numbers in the pictures',
        'fewer rounds: half a minute each',
      ],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
