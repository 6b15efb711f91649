import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BenchEnvironment } from './bench-environment.ts'
import { plotOutcomes } from './bench-plot.ts'
import { markdownTable } from './bench-report.ts'
import type { Outcome } from './measure-row.ts'

/** What one row gave and where; rows of one file may come from several runs. */
export type RowRecord = {
  row: string
  name: string
  measuredAt: string
  rounds: number
  environment: BenchEnvironment
  outcomes: readonly Outcome[]
  skipped?: string
}

type BenchFile = { about: string; rows: readonly RowRecord[] }

const ABOUT =
  'Ratios of interleaved runs (A B B A); quartiles over rounds; noisy when (q3 − q1) / median is above 0.25.'
const MARKS = { from: '<!-- bench -->', to: '<!-- /bench -->' }

function read(file: string): BenchFile {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BenchFile) : { about: ABOUT, rows: [] }
}

function byNumber(a: RowRecord, b: RowRecord): number {
  return a.row.localeCompare(b.row, 'en', { numeric: true })
}

function pageSection(rows: readonly RowRecord[]): string {
  const outcomes = rows.flatMap(row => row.outcomes)
  const skipped = rows.flatMap(({ row, skipped: why }) => (why === undefined ? [] : [`- row ${row} skipped: ${why}`]))
  const notes = rows.flatMap(({ row, outcomes: of, rounds }) => [
    `- row ${row}, ${rounds} rounds${of[0]?.peer === undefined ? '' : `, against ${of[0].peer.contender}`}${[...new Set(of.flatMap(({ notes: all }) => all))].map(note => `; ${note}`).join('')}`,
  ])
  const machine = rows[0]?.environment
  const where =
    machine === undefined
      ? ''
      : `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}, ffmpeg ${machine.ffmpeg}, Chromium ${machine.chromium}.`
  return [
    where,
    '',
    markdownTable(outcomes),
    '',
    '![Each figure as a share of its goal](bench.svg)',
    '',
    ...notes,
    ...skipped,
  ].join('\n')
}

/** Puts the new rows in place of their earlier ones: `bench.json`, `bench.svg` and the README's section. */
export function writeBenchFiles(folder: string, fresh: readonly RowRecord[]): string {
  const file = join(folder, 'bench.json')
  mkdirSync(dirname(file), { recursive: true })
  const kept = read(file).rows.filter(({ row }) => fresh.every(other => other.row !== row))
  const rows = [...kept, ...fresh].sort(byNumber)
  writeFileSync(file, `${JSON.stringify({ about: ABOUT, rows } satisfies BenchFile, null, 2)}\n`)
  writeFileSync(join(folder, 'bench.svg'), plotOutcomes(rows.flatMap(({ outcomes }) => outcomes)))
  const page = join(folder, 'README.md')
  if (existsSync(page)) {
    const text = readFileSync(page, 'utf8')
    const [from, to] = [text.indexOf(MARKS.from), text.indexOf(MARKS.to)]
    if (from >= 0 && to > from) {
      const next = `${text.slice(0, from + MARKS.from.length)}\n\n${pageSection(rows)}\n\n${text.slice(to)}`
      writeFileSync(page, next)
    }
  }
  return file
}
