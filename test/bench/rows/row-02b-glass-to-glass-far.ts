import { testBrowser } from '../../helpers/frame-clock-browser.ts'
import { playerPages } from '../../helpers/frame-clock-player.ts'
import { shapedProxy } from '../../helpers/frame-clock-proxy.ts'
import { markedMedia } from '../../helpers/marked-media.ts'
import type { BenchRow } from '../bench-row.ts'
import { benchPlatform, benchShow } from '../bench-show.ts'
import { watchedLatencyMs } from '../watch-frames.ts'

const FPS = 30
const MEDIA_S = 60
/** Round trip to the far viewer, in ms. */
const ROUND_TRIP_MS = 240
/** What Amazon IVS promises for low latency, in ms. */
const IVS_MS = 5_000

/** A viewer half the world away: every byte takes 120 ms each way, parts are as long as the clouds have them. */
export const glassToGlassFar: BenchRow = {
  id: '2b',
  name: 'glass-to-glass-far',
  title: `glass to glass, ${ROUND_TRIP_MS} ms away, part_ms 500, p50`,
  metrics: [{ key: 'hls', title: 'hls.js', unit: 'ms', goal: { atMost: IVS_MS } }],
  rounds: 3,
  quickRounds: 1,
  ready: async ({ quick, say }) => {
    say('  encoding marked media …')
    const media = await markedMedia({ fps: FPS, seconds: MEDIA_S })
    const parts = new AsyncDisposableStack()
    const platform = parts.use(await benchPlatform({ PART_MS: '500' }))
    const browser = parts.use(await testBrowser())
    const pages = parts.use(await playerPages())
    const proxy = parts.use(await shapedProxy(platform.mediaUrl, { delayMs: ROUND_TRIP_MS / 2 }))
    const plan = quick
      ? { settleMs: 4_000, sampleMs: 4_000, fps: FPS }
      : { settleMs: 10_000, sampleMs: 10_000, fps: FPS }
    const sample = async () => {
      await using show = await benchShow(platform, media)
      const url = pages.hls(proxy.through(show.hlsUrl))
      return { hls: await watchedLatencyMs(browser, url, show.publication, plan) }
    }
    return {
      ours: { name: 'Showreel', sample },
      notes: [`the goal is what Amazon IVS promises, ${IVS_MS / 1_000} s`, 'fewer rounds: half a minute each'],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
