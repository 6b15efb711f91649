/**
 * `npm run bench [-- rows…] [--quick] [--list]`: the measured claims, each beside its peer, as ratios with quartiles.
 * Rows are named by number or name. Whole runs replace their rows in docs/measurements; quick ones only print.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchEnvironment } from './bench-environment.ts'
import { type RowRecord, writeBenchFiles } from './bench-file.ts'
import { type BenchOptions, type BenchRow, MissingPeer } from './bench-row.ts'
import { terminalTable } from './bench-report.ts'
import { BENCH_ROWS } from './bench-rows.ts'
import { measureRow } from './measure-row.ts'

const ROOT = join(import.meta.dirname, '..', '..')

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function wantedRows(words: readonly string[]): BenchRow[] {
  const unknown = words.filter(word => !BENCH_ROWS.some(({ id, name }) => id === word || name === word))
  if (unknown.length > 0) {
    const known = BENCH_ROWS.map(({ id, name }) => `${id} ${name}`).join(' · ')
    throw new Error(`There is no row ${unknown.join(', ')}. There is: ${known}.`)
  }
  return BENCH_ROWS.filter(({ id, name }) => words.length === 0 || words.includes(id) || words.includes(name))
}

async function measured(row: BenchRow, options: BenchOptions): Promise<RowRecord> {
  const record = {
    row: row.id,
    name: row.name,
    measuredAt: new Date().toISOString(),
    rounds: options.quick ? row.quickRounds : row.rounds,
    environment: benchEnvironment(),
  }
  say(`\n${row.id} ${row.title}`)
  try {
    return { ...record, outcomes: await measureRow(row, options) }
  } catch (error) {
    if (!(error instanceof MissingPeer)) throw error
    say(`  skipped: ${error.message}`)
    return { ...record, outcomes: [], skipped: error.message }
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
  })
  const rows = wantedRows(positionals)
  if (values.list) {
    for (const { id, name, title } of rows) say(`${id.padStart(3)}  ${name.padEnd(24)} ${title}`)
    return
  }
  process.chdir(ROOT)
  // The embedded database's thread alone does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000)
  const records: RowRecord[] = []
  const broken: string[] = []
  for (const row of rows) {
    try {
      records.push(await measured(row, { quick: values.quick, say }))
    } catch (error) {
      broken.push(row.id)
      say(`  broken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
  }
  const outcomes = records.flatMap(record => record.outcomes)
  say(`\n${terminalTable(outcomes)}`)
  const folder = values.quick ? join('.cache', 'bench') : join('docs', 'measurements')
  mkdirSync(folder, { recursive: true })
  if (records.length > 0) say(`\nWritten to ${writeBenchFiles(folder, records)}.`)
  if (broken.length > 0) say(`Broken, so not measured: rows ${broken.join(', ')}.`)
  clearInterval(alive)
  process.exitCode = broken.length > 0 ? 1 : 0
}

await main()
