import { execFileSync } from 'node:child_process'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'

/** The machine and the programs a run was measured on. */
export type BenchEnvironment = {
  cpu: string
  cores: number
  memoryGiB: number
  kernel: string
  node: string
  ffmpeg: string
  chromium: string
  /** Load over the minute before the run; above the number of cores nothing is worth comparing. */
  loadBefore: number
}

function versionOf(command: string, args: readonly string[], pattern: RegExp): string {
  try {
    const text = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return pattern.exec(text)?.[1] ?? 'unknown'
  } catch {
    return 'absent'
  }
}

export function benchEnvironment(): BenchEnvironment {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${platform()} ${release()}`,
    node: process.version,
    ffmpeg: versionOf('ffmpeg', ['-version'], /ffmpeg version (\S+)/u),
    chromium: versionOf('chromium', ['--version'], /Chromium (\S+)/u),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}
