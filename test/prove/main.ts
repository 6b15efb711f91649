/**
 * `npm run prove -- live|clips|clouds [--full]`: the fault runs at prove or full size, seeds printed, evidence as JSON.
 * `SEED=n` replays a run.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

/** What each name proves: promise ids and the files that hold them, in whatever project they are. */
const PROOFS: Record<string, { promises: readonly string[]; files: readonly string[] }> = {
  live: {
    promises: ['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'R1', 'R2', 'R3', 'R14', 'R15'],
    files: [
      'test/faults/acknowledged-writes.test.ts',
      'test/faults/live-under-fire.test.ts',
      'test/faults/one-owner.test.ts',
      'test/faults/outbox-crash.test.ts',
      'run-services/channels/stream-transitions.test.ts',
      'shared/media/flv/timestamp-repair.test.ts',
      'test/contracts/engines-agree.test.ts',
      'test/contracts/pglite-durability.test.ts',
    ],
  },
  clips: {
    promises: ['R4', 'R5', 'R6', 'R9', 'R11', 'S3'],
    files: [
      'test/journeys/clips.test.ts',
      'test/faults/clips-under-fire.test.ts',
      'test/faults/frozen-worker.test.ts',
      'test/faults/resumed-render.test.ts',
      'test/faults/retried-requests.test.ts',
      'test/faults/graceful-shutdown.test.ts',
      'test/faults/no-secret-leaves.test.ts',
    ],
  },
  clouds: {
    promises: ['R7', 'R8', 'R10', 'R14'],
    files: [
      'test/faults/bus-outage.test.ts',
      'test/faults/database-outage.test.ts',
      'test/faults/poison.test.ts',
      'test/contracts/engines-agree.test.ts',
      'test/contracts/spanner-change-feed.test.ts',
    ],
  },
}

type Report = {
  testResults: { name: string; assertionResults: { title: string; status: string; duration?: number }[] }[]
}

function runFaults(files: readonly string[], size: string, report: string): Promise<number> {
  const args = ['run', '--reporter', 'verbose', '--reporter', 'json', `--outputFile.json=${report}`]
  const child = spawn('vitest', [...args, '--testTimeout', '1800000', ...files], {
    stdio: 'inherit',
    env: { ...process.env, SIZE: size },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}

function writeEvidence(name: string, size: string, report: string): string {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const tests = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ title, status, duration }) => ({
      title,
      status,
      seconds: Math.round(duration ?? 0) / 1000,
    })),
  )
  const environment = {
    node: process.version,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  }
  const file = `docs/measurements/prove-${name}-${size}.json`
  writeFileSync(
    file,
    `${JSON.stringify({ name, size, promises: PROOFS[name]?.promises, environment, tests }, null, 2)}\n`,
  )
  return file
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { full: { type: 'boolean', default: false } },
  })
  const name = positionals[0] ?? 'live'
  const proof = PROOFS[name]
  if (proof === undefined)
    throw new Error(`There is no proof named ${name}; there is ${Object.keys(PROOFS).join(', ')}.`)
  const size = values.full ? 'full' : 'prove'
  mkdirSync('.cache', { recursive: true })
  mkdirSync('docs/measurements', { recursive: true })
  const report = '.cache/prove.json'
  const code = await runFaults(proof.files, size, report)
  process.stdout.write(
    `\n${code === 0 ? 'Held' : 'Broken'}: ${proof.promises.join(', ')}. Evidence: ${writeEvidence(name, size, report)}\n`,
  )
  process.exitCode = code
}

await main()
