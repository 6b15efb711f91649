import { setTimeout as sleep } from 'node:timers/promises'
import { readFrameNumbers } from '../../helpers/frame-clock-reader.ts'
import { type MarkedPublication, publishMarked } from '../../helpers/marked-media-publisher.ts'
import { type MarkedMedia, markedMedia } from '../../helpers/marked-media.ts'
import type { Platform } from '../../helpers/platform.ts'
import type { BenchRow, Sample } from '../bench-row.ts'
import { benchPlatform, benchShow } from '../bench-show.ts'
import { mediaPlaylistUrl, type ObservedPlaylist, observePlaylist, type SeenMedia } from '../observe-playlist.ts'
import { type NginxRtmpHls, nginxRtmpHls } from '../peers/nginx-rtmp-hls.ts'
import { median } from '../quartiles.ts'
import { until } from '../until.ts'

const FPS = 30
const MEDIA_S = 20
/** How long each show is watched, in ms. */
const WATCHED_MS = { whole: 12_000, quick: 5_000 }
/** A part may be one frame and this much behind its last frame, in ms. */
const PART_SLACK_MS = 25

/** The numbers of the frames of a segment, which must follow each other. */
async function framesOf({ init }: ObservedPlaylist, segment: SeenMedia): Promise<number[]> {
  const read = await readFrameNumbers(init === undefined ? segment.bytes : Buffer.concat([init, segment.bytes]))
  const frames = read.map(({ frame }) => frame ?? Number.NaN)
  const whole = frames.every((frame, index) => frame === (frames[0] ?? 0) + index)
  if (frames.length === 0 || !whole) throw new Error(`A segment's frames are ${frames.join(' ')}.`)
  return frames
}

/** How long after its last frame left the publisher each thing could be had, in ms. */
async function behindMs(observed: ObservedPlaylist, publication: MarkedPublication): Promise<Sample> {
  const [segments, parts]: [number[], number[]] = [[], []]
  for (const segment of observed.seen.filter(({ kind }) => kind === 'segment')) {
    const frames = await framesOf(observed, segment)
    segments.push(segment.atMs - (publication.sentAtMs(frames.at(-1) ?? -1) ?? Number.NaN))
    let shownS = 0
    const ofSegment = observed.seen.filter(({ kind, msn }) => kind === 'part' && msn === segment.msn)
    if (ofSegment[0]?.part !== 0) continue
    for (const part of ofSegment) {
      shownS += part.durationS
      const last = frames[Math.round(shownS * FPS) - 1]
      parts.push(part.atMs - (publication.sentAtMs(last ?? -1) ?? Number.NaN))
    }
  }
  if (segments.length === 0) throw new Error('No segment was seen.')
  return { segment: median(segments), ...(parts.length === 0 ? {} : { part: median(parts) }) }
}

async function ourSample(platform: Platform, media: MarkedMedia, watchedMs: number): Promise<Sample> {
  await using show = await benchShow(platform, media)
  const url = await mediaPlaylistUrl(show.hlsUrl, media.height)
  const observed = await observePlaylist(url, { blocking: true, signal: AbortSignal.timeout(watchedMs) })
  return behindMs(observed, show.publication)
}

let shows = 0
async function peerSample(peer: NginxRtmpHls, media: MarkedMedia, watchedMs: number): Promise<Sample> {
  shows += 1
  const name = `show${shows}`
  await using publication = await publishMarked(media, `${peer.rtmpUrl}/${name}`)
  const url = peer.playlistUrl(name, '720p')
  await until(async () => ((await fetch(url)).ok ? true : undefined), {
    what: `nginx-rtmp's playlist: ${peer.log()}`,
    everyMs: 50,
  })
  const observed = await observePlaylist(url, { blocking: false, signal: AbortSignal.timeout(watchedMs) })
  const sample = await behindMs(observed, publication)
  await publication.stop()
  await sleep(1_000)
  return sample
}

/** From the last frame at the socket to bytes that can be fetched, beside nginx-rtmp's HLS behind the same ladder. */
export const ingestToPlayable: BenchRow = {
  id: '1',
  name: 'ingest-to-playable',
  title: 'last frame at the socket → fetchable, p50',
  metrics: [
    { key: 'segment', title: 'segment', unit: 'ms', goal: { ratioMax: 1 } },
    { key: 'part', title: 'part', unit: 'ms', goal: { atMost: 1_000 / FPS + PART_SLACK_MS }, compared: false },
  ],
  rounds: 5,
  quickRounds: 1,
  ready: async ({ quick, say }) => {
    say('  encoding marked media …')
    const media = await markedMedia({ fps: FPS, seconds: MEDIA_S })
    const parts = new AsyncDisposableStack()
    const peer = parts.use(await nginxRtmpHls(FPS))
    const platform = parts.use(await benchPlatform())
    const watchedMs = quick ? WATCHED_MS.quick : WATCHED_MS.whole
    return {
      ours: { name: 'Showreel', sample: () => ourSample(platform, media, watchedMs) },
      peer: { name: 'nginx-rtmp HLS', sample: () => peerSample(peer, media, watchedMs) },
      notes: ['720p30, 2 s GOP, three rungs, the 720p one is watched', 'fewer rounds: twenty seconds each'],
      [Symbol.asyncDispose]: async () => parts.disposeAsync(),
    }
  },
}
