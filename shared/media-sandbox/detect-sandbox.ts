import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LIVE_LIMITS, sandboxCommand, type SandboxLevel } from './sandbox-command.ts'

/** What was found on this machine; handed to everything that starts ffmpeg. */
export type Sandbox = {
  level: SandboxLevel
  /** One plain sentence for start-up, `/healthz` and doctor. */
  sentence: string
}

const run = promisify(execFile)
/** Longest try of one level, ms. */
const TRY_MS = 10_000

const SENTENCES: Readonly<Record<SandboxLevel, string>> = {
  2: 'Media runs in bubblewrap: no network, no files but its own, bounded memory and time.',
  1: 'Media runs with bounded memory and time but sees files and network (bubblewrap is missing or forbidden): uploads are refused.',
  0: 'Media runs without a sandbox on this machine: uploads are refused; use it for demos only.',
}

/** Finds the best level that really works here by running ffmpeg in it. Throws an `Error` that says so when there is no ffmpeg. */
export async function detectSandbox(options: { atMost?: SandboxLevel } = {}): Promise<Sandbox> {
  for (const level of [2, 1, 0] as const) {
    if (level <= (options.atMost ?? 2) && (await works(level))) return { level, sentence: SENTENCES[level] }
  }
  throw new Error(
    'ffmpeg does not run here; install it (Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg).',
  )
}

async function works(level: SandboxLevel): Promise<boolean> {
  const [command, ...args] = sandboxCommand({ level, tool: 'ffmpeg', args: ['-version'], limits: LIVE_LIMITS })
  try {
    const { stdout } = await run(command, args, { timeout: TRY_MS, env: toolEnvironment() })
    return stdout.startsWith('ffmpeg version')
  } catch {
    return false
  }
}

/** All that a tool gets to see of the environment; PATH alone, to be found by. */
export function toolEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin', LC_ALL: 'C' }
}
