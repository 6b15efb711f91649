import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ENCODE_MS_MAX = 60_000
export const SEGMENT_MS = 2_000
/** Segments of the live window. */
const LIVE_SEGMENTS = 6
const RUNGS = [
  { name: 'v0', width: 640, height: 360, kbps: 600 },
  { name: 'v1', width: 320, height: 180, kbps: 250 },
] as const

/** A few seconds of test picture and tone in two rungs, looped into shows of any age. */
export type StagedMedia = {
  /** Segment files of one loop. */
  segments: number
  file(path: string): Promise<Uint8Array<ArrayBuffer>>
  master(kind: PlaylistKind): string
  /** The media playlist of a show that began at `startMs`, as it is at `nowMs`; it stops growing at `stoppedMs`. */
  playlist(
    rung: string,
    kind: PlaylistKind,
    show: { startMs: number; stoppedMs?: number | undefined },
    nowMs: number,
  ): string
}
export type PlaylistKind = 'live' | 'dvr' | 'archive'

/** Encodes the loop into `directory` once. */
export async function stageMedia(directory: string): Promise<StagedMedia> {
  if (!(await readdir(directory)).includes('v0')) await encode(directory)
  const names = (await readdir(join(directory, 'v0'))).filter(name => name.endsWith('.m4s'))
  const segments = names.length
  return {
    segments,
    file: async path => new Uint8Array(await readFile(join(directory, path))),
    master: kind =>
      [
        '#EXTM3U',
        '#EXT-X-VERSION:9',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        ...RUNGS.flatMap(rung => [
          `#EXT-X-STREAM-INF:BANDWIDTH=${rung.kbps * 1200},RESOLUTION=${rung.width}x${rung.height},FRAME-RATE=30`,
          `${rung.name}/${kind}.m3u8`,
        ]),
      ].join('\n'),
    playlist: (rung, kind, { startMs, stoppedMs }, nowMs) => {
      const end = Math.max(1, Math.floor((Math.min(stoppedMs ?? nowMs, nowMs) - startMs) / SEGMENT_MS))
      const first = kind === 'live' ? Math.max(0, end - LIVE_SEGMENTS) : 0
      const lines = [
        '#EXTM3U',
        '#EXT-X-VERSION:9',
        `#EXT-X-TARGETDURATION:${SEGMENT_MS / 1000}`,
        `#EXT-X-MEDIA-SEQUENCE:${first}`,
        `#EXT-X-DISCONTINUITY-SEQUENCE:${Math.floor(first / segments)}`,
      ]
      for (let sequence = first; sequence < end; sequence += 1) {
        if (sequence > first && sequence % segments === 0) lines.push('#EXT-X-DISCONTINUITY')
        if (sequence === first || sequence % segments === 0) lines.push(`#EXT-X-MAP:URI="init_${rung.slice(1)}.mp4"`)
        lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(startMs + sequence * SEGMENT_MS).toISOString()}`)
        lines.push(
          `#EXTINF:${(SEGMENT_MS / 1000).toFixed(3)},`,
          `${String(sequence % segments).padStart(3, '0')}.m4s?${sequence}`,
        )
      }
      if (kind === 'archive') lines.push('#EXT-X-ENDLIST')
      return lines.join('\n')
    },
  }
}

async function encode(directory: string): Promise<void> {
  await Promise.all(RUNGS.map(rung => mkdir(join(directory, rung.name), { recursive: true })))
  const seconds = 6
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=30:duration=${seconds}`]
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`]
  const scaled = RUNGS.map((rung, index) => `[s${index}]scale=${rung.width}:${rung.height}[o${index}]`).join(';')
  const split = `[0:v]split=${RUNGS.length}${RUNGS.map((_, index) => `[s${index}]`).join('')};${scaled}`
  const outputs = RUNGS.flatMap((_, index) => ['-map', `[o${index}]`, '-map', '1:a'])
  const rates = RUNGS.flatMap((rung, index) => [`-b:v:${index}`, `${rung.kbps}k`])
  const video = '-c:v libx264 -preset ultrafast -bf 0 -g 60 -sc_threshold 0 -pix_fmt yuv420p'.split(' ')
  const hls = '-c:a aac -b:a 64k -f hls -hls_time 2 -hls_segment_type fmp4 -hls_playlist_type vod'.split(' ')
  const map = RUNGS.map((_, index) => `v:${index},a:${index}`).join(' ')
  const names = '-hls_fmp4_init_filename init.mp4 -hls_segment_filename v%v/%03d.m4s v%v/index.m3u8'.split(' ')
  await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-y',
      ...inputs,
      ...tone,
      '-filter_complex',
      split,
      ...outputs,
      ...video,
      ...rates,
      ...hls,
      '-var_stream_map',
      map,
      ...names,
    ],
    { cwd: directory, timeout: ENCODE_MS_MAX },
  )
}
