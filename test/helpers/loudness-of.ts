import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Integrated loudness (LUFS) and true peak (dBTP) of a file, as EBU R 128 measures them. */
export async function loudnessOf(file: string): Promise<{ lufs: number; peakDb: number }> {
  const filter = ['-af', 'ebur128=peak=true:framelog=verbose', '-f', 'null', '-']
  const { stderr } = await run('ffmpeg', ['-hide_banner', '-i', file, '-map', '0:a:0', ...filter])
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'))
  return {
    lufs: Number(/I:\s+(-?[\d.]+) LUFS/u.exec(summary)?.[1]),
    peakDb: Number(/Peak:\s+(-?[\d.]+) dBFS/u.exec(summary)?.[1]),
  }
}
