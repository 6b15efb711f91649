/**
 * `npm test`: the gate, then every test project, then the one line that counts: `N passed, N failed`.
 * Arguments go to vitest: `npm test -- --project unit`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision, PROGRAMS_TO_TEST } from '#local/provision.ts'
import { CHECK_STEPS } from './check-steps.ts'
import { runSteps } from './steps.ts'

type Summary = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numFailedTestSuites: number }

async function runVitest(report: string, extra: readonly string[]): Promise<number> {
  const child = spawn(
    'vitest',
    ['run', '--reporter', 'default', '--reporter', 'json', `--outputFile.json=${report}`, ...extra],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}

async function main(): Promise<void> {
  const extra = process.argv.slice(2)
  await provision(PROGRAMS_TO_TEST)
  const broken = extra.length > 0 ? 0 : await runSteps(CHECK_STEPS)
  const directory = mkdtempSync(join(tmpdir(), 'showreel-test-'))
  try {
    const report = join(directory, 'vitest.json')
    const code = await runVitest(report, extra)
    const summary = JSON.parse(readFileSync(report, 'utf8')) as Summary
    const suites = summary.numFailedTests === 0 ? summary.numFailedTestSuites : 0
    const unseen = code !== 0 && summary.numFailedTests + suites === 0 ? 1 : 0
    const failed = summary.numFailedTests + suites + unseen + broken
    const skipped = summary.numPendingTests > 0 ? `, ${summary.numPendingTests} skipped` : ''
    const passed = summary.numPassedTests + (extra.length > 0 ? 0 : CHECK_STEPS.length - broken)
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped}\n`)
    process.exitCode = failed === 0 ? 0 : 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

await main()
