import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gatherRuns } from '../../../run-services/clips/gather-runs.ts'
import { liveEdge } from '../../../run-services/clips/live-edge.ts'
import type { ShowMoment } from '../../../run-services/clips/show-piece.ts'
import { trackInits } from '../../../run-services/clips/track-inits.ts'
import { cutClip } from '../../../shared/media/clip/cut-clip.ts'
import { concatBytes } from '../../../shared/media/isobmff/box-splitter.ts'
import { directoryObjectStore } from '../../../shared/ports/object-store/directory-object-store.ts'
import { clipClient } from '../../helpers/clip-client.ts'
import { markedMedia } from '../../helpers/marked-media.ts'
import type { BenchRow } from '../bench-row.ts'
import { benchPlatform, benchShow } from '../bench-show.ts'
import { median } from '../quartiles.ts'

const FPS = 30
const MEDIA_S = 90
const CLIP_S = 8
const SETTLED_S = CLIP_S + 4
const CLIPS = { whole: 4, quick: 1 }

const run = promisify(execFile)

type Show = { originUrl: URL; showId: string; folder: string }

/** What the origin has of the last seconds, as files of one track each: what anybody with ffmpeg begins with. */
async function fetched({
  originUrl,
  showId,
  folder,
}: Show): Promise<{ video: string; audio: string; moments: ShowMoment[] }> {
  const all = await liveEdge(originUrl, showId, AbortSignal.timeout(5_000))
  const newest = all.at(-1)
  const fromMs = (newest?.atMs ?? 0) + (newest?.durationMs ?? 0) - CLIP_S * 1_000
  const moments = all.filter(({ atMs, durationMs }) => atMs + durationMs > fromMs)
  const track = async (kind: 'video' | 'audio') => {
    const paths = [
      moments[0]?.[kind][0]?.init ?? '',
      ...moments.flatMap(moment => moment[kind].map(({ path }) => path)),
    ]
    const bytes = await Promise.all(
      paths.map(async path =>
        Buffer.from(await (await fetch(new URL(`live/${showId}/${path}`, originUrl))).arrayBuffer()),
      ),
    )
    const file = join(folder, `${kind}.mp4`)
    await writeFile(file, Buffer.concat(bytes))
    return file
  }
  const [video, audio] = await Promise.all([track('video'), track('audio')])
  return { video, audio, moments }
}

async function copyWithFfmpeg({ folder }: Show, video: string, audio: string): Promise<void> {
  const file = join(folder, 'clip.mp4')
  const inputs = ['-i', video, '-i', audio, '-map', '0:v', '-map', '1:a']
  const { stderr } = await run('ffmpeg', [
    '-v',
    'error',
    '-y',
    ...inputs,
    '-c',
    'copy',
    '-movflags',
    '+faststart',
    file,
  ])
  if (stderr.includes('Invalid')) throw new Error(stderr)
}

/** "Clip that" until the clip answers 200, beside fetching the same media and copying it with ffmpeg. */
export const clipPlayable: BenchRow = {
  id: '5',
  name: 'clip-playable',
  title: 'live → clip playable',
  metrics: [
    { key: 'playable', title: 'request → 200, p50', unit: 'ms', goal: { ratioMax: 0.6, atMost: 300 } },
    { key: 'cut', title: 'the cut alone, p50', unit: 'ms', goal: { ratioMax: 0.2 } },
  ],
  rounds: 7,
  quickRounds: 2,
  ready: async ({ quick, say }) => {
    say('  encoding marked media …')
    const media = await markedMedia({ fps: FPS, seconds: MEDIA_S })
    const parts = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'showreel-bench-clip-'))
    parts.defer(() => rm(folder, { recursive: true, force: true }))
    const platform = parts.use(await benchPlatform({ WORKERS: '0' }))
    const vera = await clipClient(platform)
    const count = quick ? CLIPS.quick : CLIPS.whole
    let show: Awaited<ReturnType<typeof benchShow>> | undefined
    parts.defer(async () => {
      await show?.[Symbol.asyncDispose]()
    })
    const onAir = async () => {
      if (show === undefined || show.publication.sent() > (MEDIA_S - 20) * FPS) {
        await show?.[Symbol.asyncDispose]()
        show = await benchShow(platform, media)
      }
      const { publication, streamId, hlsUrl } = show
      while (publication.sent() < SETTLED_S * FPS) await new Promise(resolve => setImmediate(resolve))
      const showId = new URL(hlsUrl).pathname.split('/')[2] ?? ''
      return { streamId, originUrl: new URL('/', hlsUrl), showId, folder }
    }
    const times = async (once: () => Promise<{ playable: number; cut: number }>) => {
      const samples = []
      for (let index = 0; index < count; index += 1) samples.push(await once())
      return { playable: median(samples.map(s => s.playable)), cut: median(samples.map(s => s.cut)) }
    }
    const ours = () =>
      times(async () => {
        const on = await onAir()
        const began = performance.now()
        const clip = await vera.clip({ stream_id: on.streamId, last_s: CLIP_S })
        const response = await fetch(clip.playback?.mp4_url ?? '')
        const playable = performance.now() - began
        if (!response.ok || clip.missing_ms !== 0) throw new Error('The clip does not play.')
        await response.body?.cancel()
        return { playable, cut: await ourCut(on) }
      })
    const theirs = () =>
      times(async () => {
        const on = await onAir()
        const began = performance.now()
        const { video, audio } = await fetched(on)
        const copying = performance.now()
        await copyWithFfmpeg(on, video, audio)
        const ended = performance.now()
        return { playable: ended - began, cut: ended - copying }
      })
    return {
      ours: { name: 'POST /v1/clips, then the link', sample: ours },
      peer: { name: 'the same media fetched, then ffmpeg -c copy', sample: theirs },
      notes: [
        `the last ${CLIP_S} s of a 720p show on the air; ours ends on the exact frame and is stored, indexed and told`,
      ],
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    }
  },
}

/** The cut in this process over bytes it already has, as ffmpeg has its files. */
async function ourCut({ originUrl, showId, folder }: Show): Promise<number> {
  const { moments } = await fetched({ originUrl, showId, folder })
  const signing = { key: new Uint8Array(32), baseUrl: 'http://localhost/objects', now: Date.now }
  const store = directoryObjectStore({ directory: join(folder, 'objects'), signing })
  const places = { store, inits: trackInits(store), originUrl, showId, signal: AbortSignal.timeout(5_000) }
  const runs = await gatherRuns(places, moments)
  const last = moments.at(-1)
  const endMs = (last?.atMs ?? 0) + (last?.durationMs ?? 0)
  const began = performance.now()
  const made = cutClip(runs, { startMs: endMs - CLIP_S * 1_000, endMs })
  if (made === undefined) throw new Error('There is nothing to cut.')
  await writeFile(join(folder, 'ours.mp4'), concatBytes(made.pieces))
  return performance.now() - began
}
