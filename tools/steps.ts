import { spawn } from 'node:child_process'

/** One command of a gate and the line a person sees for it. */
export type Step = { title: string; command: string; arguments: readonly string[]; env?: Record<string, string> }

type Outcome = { code: number; output: string; seconds: number }

function run(step: Step): Promise<Outcome> {
  const startedAt = performance.now()
  const child = spawn(step.command, step.arguments, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...step.env },
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      resolve({
        code: code ?? 1,
        output: Buffer.concat(chunks).toString('utf8'),
        seconds: (performance.now() - startedAt) / 1000,
      })
    })
  })
}

/** Runs the steps one after the other, a ticked line each, the output of what failed in full; gives the number of failures. */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  let failures = 0
  for (const step of steps) {
    const { code, output, seconds } = await run(step)
    const mark = code === 0 ? '✔' : '✘'
    process.stdout.write(`${mark} ${step.title} (${seconds.toFixed(1)} s)\n`)
    if (code !== 0) {
      failures += 1
      process.stdout.write(`${output.trimEnd()}\n`)
    }
  }
  return failures
}
