import { join } from 'node:path'
import type { MediaCommand } from '#shared/media/ffmpeg-arguments/media-command.ts'
import { detectSandbox, type Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { runMediaCommand } from '#shared/media-sandbox/run-media-command.ts'
import type { SandboxLimits } from '#shared/media-sandbox/sandbox-command.ts'
import type { RunFolder } from '#shared/service/run-folder.ts'

/** Behind everything live on the same machine. */
const NICE = 15
/** Longest one run of ffmpeg, in ms; two minutes of 1080p in every shape and preset take a third of it on two busy cores. */
const RUN_MS_MAX = 30 * 60_000
const LIMITS: SandboxLimits = {
  // Six encoders of 1080p at once: address space, not memory.
  addressSpaceBytes: 6 * 1024 ** 3,
  cpuS: 3_600,
  fileBytes: 512 * 1024 ** 2,
  openFiles: 64,
}

let found: Promise<Sandbox> | undefined

/** The sandbox of this machine, looked for once. */
export function workerSandbox(): Promise<Sandbox> {
  found ??= detectSandbox()
  return found
}

/** Runs ffmpeg on files of the run's folder, behind everything live; gives its log. */
export async function mediaRun(
  folder: RunFolder,
  command: (at: { in: (name: string) => string; out: (name: string) => string }) => MediaCommand,
  options: { signal: AbortSignal; onProgress?: (atS: number) => void },
): Promise<string> {
  return runMediaCommand({
    ...options,
    sandbox: await workerSandbox(),
    inDirectory: folder.in,
    outDirectory: folder.out,
    command: paths => command({ in: name => join(paths.in, name), out: name => join(paths.out, name) }),
    timeoutMs: RUN_MS_MAX,
    nice: NICE,
    limits: LIMITS,
  })
}
