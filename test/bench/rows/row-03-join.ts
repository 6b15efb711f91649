import { testBrowser } from '../../helpers/frame-clock-browser.ts'
import { playerPages } from '../../helpers/frame-clock-player.ts'
import { markedMedia } from '../../helpers/marked-media.ts'
import type { BenchRow } from '../bench-row.ts'
import { benchPlatform, benchShow } from '../bench-show.ts'
import { median } from '../quartiles.ts'
import { joinMs } from '../watch-frames.ts'

const FPS = 30
const MEDIA_S = 60
const GOP_MS = 2_000
const JOINS = { whole: 6, quick: 2 }
const GOAL = { atMost: GOP_MS / 2 + 1_000 }

/** Page load to first picture, on the watch page and with hls.js alone. */
export const join: BenchRow = {
  id: '3',
  name: 'join',
  title: 'page load → first picture, p50',
  metrics: [
    { key: 'watch', title: 'watch page', unit: 'ms', goal: GOAL },
    { key: 'bare', title: 'hls.js alone', unit: 'ms', goal: GOAL },
  ],
  rounds: 3,
  quickRounds: 1,
  ready: async ({ quick, say }) => {
    say('  encoding marked media …')
    const media = await markedMedia({ fps: FPS, seconds: MEDIA_S })
    const parts = new AsyncDisposableStack()
    const platform = parts.use(await benchPlatform())
    const browser = parts.use(await testBrowser())
    const pages = parts.use(await playerPages())
    const sample = async () => {
      await using show = await benchShow(platform, media)
      const [watch, bare]: [number[], number[]] = [[], []]
      for (let index = 0; index < (quick ? JOINS.quick : JOINS.whole); index += 1) {
        watch.push(await joinMs(browser, show.watchUrl))
        bare.push(await joinMs(browser, pages.hls(show.hlsUrl)))
      }
      return { watch: median(watch), bare: median(bare) }
    }
    return {
      ours: { name: 'Showreel', sample },
      notes: [
        `the goal is half a GOP of ${GOP_MS / 1_000} s and a second`,
        'scripts are in the browser cache after the first join',
      ],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
