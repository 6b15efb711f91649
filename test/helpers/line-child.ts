import { type ChildProcess, spawn } from 'node:child_process'

/** A child process whose whole lines are collected. */
export type LineChild = { process: ChildProcess; lines: string[]; gone: Promise<number | null>; errors: () => string }

/** Runs a TypeScript file of ours as a process of its own. */
export function lineChild(file: string, ...args: readonly string[]): LineChild {
  const started = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  let rest = ''
  let errors = ''
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const gone = new Promise<number | null>(resolve => started.once('close', resolve))
  return { process: started, lines, gone, errors: () => errors }
}
