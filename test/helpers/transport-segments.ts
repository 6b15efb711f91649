import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

type TransportMedia = { seconds: number; segmentS: number; width: number; height: number }

/** Segments of MPEG-TS with picture and tone, each beginning with a key frame, as IVS stores them. */
export async function transportSegments({ seconds, segmentS, width, height }: TransportMedia): Promise<Uint8Array[]> {
  const directory = await mkdtemp(join(tmpdir(), 'showreel-transport-'))
  try {
    const input = [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${width}x${height}:rate=30`,
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440',
    ]
    const coding = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-g',
      String(30 * segmentS),
      '-c:a',
      'aac',
    ]
    const output = ['-t', String(seconds), '-f', 'hls', '-hls_time', String(segmentS), '-hls_list_size', '0']
    const files = ['-hls_segment_filename', join(directory, '%03d.ts'), join(directory, 'list.m3u8')]
    await promisify(execFile)('ffmpeg', [
      '-hide_banner',
      '-loglevel',
      'error',
      ...input,
      ...coding,
      ...output,
      ...files,
    ])
    const names = (await readdir(directory)).filter(name => name.endsWith('.ts')).toSorted()
    return await Promise.all(names.map(async name => await readFile(join(directory, name))))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
