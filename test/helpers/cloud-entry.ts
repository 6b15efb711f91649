import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** An entry of the service catalogue as a process of its own, as its container starts it. */
export type CloudEntry = AsyncDisposable & {
  /** Everything it printed. */
  output: () => string
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
  /** SIGKILL. */
  kill(): void
}

const ROOT = join(import.meta.dirname, '../..')

/** Starts it with this environment and nothing else of ours; ended by its pid on dispose. */
export function cloudEntry(
  entry: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): CloudEntry {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  return {
    output: () => output,
    ended,
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
