import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** How a recording is coded as MPEG-TS. */
export type TransportCoding = {
  segmentS: number
  /** Height of the picture; that of the source unless told otherwise. */
  height?: number
  /** Pictures in a row that are shown before one they are decoded after. */
  bFrames?: number
  /** Media time (s) of the first picture; the clock of 33 bits begins anew at 95,443.7 s. */
  offsetS?: number
}

const FPS = 30
const run = promisify(execFile)

/** Segments of MPEG-TS made of a media file, each beginning with a key frame, as IVS stores them. */
export async function transportSegments(path: string, coding: TransportCoding): Promise<Uint8Array[]> {
  const { segmentS, height, bFrames = 0, offsetS = 0 } = coding
  const directory = await mkdtemp(join(tmpdir(), 'showreel-transport-'))
  try {
    const gop = ['-g', String(FPS * segmentS), '-keyint_min', String(FPS * segmentS), '-sc_threshold', '0']
    // Every frame at its own time: a constant rate would double one and drop another.
    const times = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000']
    const picture = ['-c:v', 'libx264', '-preset', 'superfast', '-crf', '18', '-pix_fmt', 'yuv420p', ...gop, ...times]
    const scale = height === undefined ? [] : ['-vf', `scale=-2:${height}`]
    const list = [
      '-f',
      'hls',
      '-hls_time',
      String(segmentS),
      '-hls_list_size',
      '0',
      '-output_ts_offset',
      String(offsetS),
    ]
    const files = ['-hls_segment_filename', join(directory, '%03d.ts'), join(directory, 'list.m3u8')]
    const coded = [...picture, '-bf', String(bFrames), ...scale, '-c:a', 'copy']
    await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-i', path, ...coded, ...list, ...files])
    const names = (await readdir(directory)).filter(name => name.endsWith('.ts')).toSorted()
    return await Promise.all(names.map(async name => await readFile(join(directory, name))))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
