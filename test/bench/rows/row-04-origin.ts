import { publishUrl, creatorClient } from '../../helpers/creator-client.ts'
import { publishMarked } from '../../helpers/marked-media-publisher.ts'
import { markedMedia } from '../../helpers/marked-media.ts'
import type { Platform } from '../../helpers/platform.ts'
import type { BenchRow } from '../bench-row.ts'
import { benchPlatform } from '../bench-show.ts'
import { measuredChild } from '../measured-child.ts'
import { mediaPlaylistUrl } from '../observe-playlist.ts'
import { processCpuUs } from '../process-cpu.ts'
import { sendRequests } from '../send-requests.ts'
import { until } from '../until.ts'

/** Parts fetched a round; each with the reload of its playlist and the sound that goes with it. */
const VIEWER_PARTS = { whole: 5_000, quick: 1_000 }
const CONNECTIONS = 16
const WARM_UP = 2_000
const MEDIA_S = 8
/** How long the show waits for its publisher after the media is over: longer than the row takes, in s. */
const WAITS_S = 900

/** The newest whole part of a playlist, and the reload that announces it. */
async function newestPart(playlistUrl: string): Promise<{ reload: string; part: string }> {
  const playlist = await until(
    async () => {
      const text = await (await fetch(playlistUrl)).text()
      // No hint: the encoder has handed over its last part.
      return text.includes('PRELOAD-HINT') ? undefined : text
    },
    { what: 'the encoder to end', everyMs: 200 },
  )
  const msn = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/u.exec(playlist)?.[1]) + playlist.split('#EXTINF').length - 2
  const uri = playlist
    .split('#EXTINF')
    .at(-2)
    ?.match(/#EXT-X-PART:.*URI="([^"]+)"/u)?.[1]
  if (uri === undefined) throw new Error(`No part in:\n${playlist}`)
  return { reload: `${playlistUrl}?_HLS_msn=${msn}&_HLS_part=0`, part: new URL(uri, playlistUrl).href }
}

/** What one viewer fetches for one part of a show whose publisher is away: nothing is encoded while the origin is measured. */
async function viewerRequests(platform: Platform): Promise<string[]> {
  const media = await markedMedia({ fps: 30, seconds: MEDIA_S })
  const client = await creatorClient(platform)
  const channel = await client.createChannel({ title: 'Marked', reconnect_window_s: WAITS_S })
  const publication = await publishMarked(media, publishUrl(platform, channel))
  const stream = await until(() => client.liveStream(channel.id), { what: 'the show to be live' })
  await publication.ended
  const { hls_url: master } = stream.playback
  const video = await newestPart(await mediaPlaylistUrl(master, media.height))
  const audioUri = /TYPE=AUDIO.*URI="([^"]+)"/u.exec(await (await fetch(master)).text())?.[1] ?? ''
  const audio = await newestPart(new URL(audioUri, master).href)
  return [video.reload, video.part, audio.part]
}

/** What the origin costs a viewer and part, beside bare node:http with the same bytes in memory. */
export const origin: BenchRow = {
  id: '4',
  name: 'origin',
  title: 'origin, CPU per viewer and part',
  metrics: [{ key: 'cpu', title: '', unit: 'µs', goal: { ratioMax: 1.1 } }],
  rounds: 7,
  quickRounds: 2,
  ready: async ({ quick, say }) => {
    say('  publishing a show to fetch from …')
    const parts = new AsyncDisposableStack()
    const platform = parts.use(await benchPlatform())
    const urls = await viewerRequests(platform)
    const bare = parts.use(await measuredChild('bare-server', urls))
    const bareUrls = urls.map(url => new URL(new URL(url).pathname + new URL(url).search, bare.facts['url']).href)
    const count = quick ? VIEWER_PARTS.quick : VIEWER_PARTS.whole
    const load = (targets: readonly string[], times: number) =>
      sendRequests({ urls: targets, requests: times * targets.length, connections: CONNECTIONS })
    const expected = (await load(urls, WARM_UP)) / WARM_UP
    if ((await load(bareUrls, WARM_UP)) / WARM_UP !== expected) throw new Error('The two serve different bytes.')
    const live = await platform.childPid('live')
    const ours = async () => {
      const before = processCpuUs(live)
      await load(urls, count)
      return { cpu: (processCpuUs(live) - before) / count }
    }
    const peer = async () => {
      const before = await bare.cpuUs()
      await load(bareUrls, count)
      return { cpu: ((await bare.cpuUs()) - before) / count }
    }
    return {
      ours: { name: 'the origin of the live process', sample: ours },
      peer: { name: 'node:http and the same bytes', sample: peer },
      notes: [`a viewer and part is three requests, ${Math.round(expected)} bytes: playlist, picture, sound`],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
