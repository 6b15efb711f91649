import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MissingPeer } from './bench-row.ts'

const run = promisify(execFile)
const ROOT = '/sys/fs/cgroup'
/** The file of version 1, in ns; version 2 has `cpu.stat`. */
const FIRST_VERSION = 'cpuacct.usage'

/** A control group of Linux: CPU time of whatever runs in it, also of processes that nobody waits for. */
export type CpuGroup = Disposable & {
  /** Where the kernel tells of it. */
  readonly folder: string
  /** Runs a command in it to its end; gives its stdout. */
  run(words: readonly string[], timeoutMs: number): Promise<string>
}

/** Makes a group of this process's own. Throws `MissingPeer` where this user may not. */
export function cpuGroup(): CpuGroup {
  const controller = existsSync(join(ROOT, 'cpuacct', FIRST_VERSION)) ? ['cpuacct'] : []
  const folder = join(ROOT, ...controller, `showreel-bench-${process.pid}`)
  try {
    mkdirSync(folder)
  } catch (error) {
    throw new MissingPeer(
      `no control group can be made here, by which the CPU of sandboxed processes is counted (${String(error)})`,
    )
  }
  return {
    folder,
    run: async (words, timeoutMs) => {
      const enter = 'echo $$ > "$0" && exec "$@"'
      const args = ['-c', enter, join(folder, 'cgroup.procs'), ...words]
      const { stdout } = await run('sh', args, { timeout: timeoutMs, killSignal: 'SIGKILL' })
      return stdout
    },
    [Symbol.dispose]: () => rmdirSync(folder),
  }
}

/** CPU time used in a group so far, in µs. */
export function cpuUsedUs(folder: string): number {
  const first = join(folder, FIRST_VERSION)
  if (existsSync(first)) return Number(readFileSync(first, 'utf8')) / 1_000
  return Number(/^usage_usec (\d+)$/mu.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1])
}
