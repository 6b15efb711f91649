import type { Outcome } from './measure-row.ts'

/** One line of the table, as words. */
export type ReportLine = {
  row: string
  what: string
  ours: string
  peer: string
  ratio: string
  spread: string
  goal: string
  verdict: string
}

const COLUMNS = ['row', 'what', 'ours', 'peer', 'ratio', 'spread', 'goal', 'verdict'] as const
const HEADINGS: Record<(typeof COLUMNS)[number], string> = {
  row: 'row',
  what: 'what',
  ours: 'ours',
  peer: 'peer',
  ratio: 'ratio',
  spread: 'q1–q3',
  goal: 'goal',
  verdict: '',
}

function figure(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

function goalText({ goal, unit }: Outcome): string {
  const { ratioMax, ratioMin, atMost, atLeast } = goal
  const parts = [
    ratioMax === undefined ? [] : [`≤ ${ratioMax}×`],
    ratioMin === undefined ? [] : [`≥ ${ratioMin}×`],
    atMost === undefined ? [] : [`≤ ${figure(atMost)} ${unit}`],
    atLeast === undefined ? [] : [`≥ ${figure(atLeast)} ${unit}`],
  ].flat()
  return parts.length === 0 ? '—' : parts.join(', ')
}

export function reportLine(outcome: Outcome): ReportLine {
  const { ratio, ours, peer, unit } = outcome
  const spread = ratio ?? ours
  return {
    row: outcome.row,
    what: outcome.title,
    ours: `${figure(ours.median)} ${unit}`,
    peer: peer === undefined ? '—' : `${figure(peer.median)} ${unit}`,
    ratio: ratio === undefined ? '—' : `${figure(ratio.median)}×`,
    spread: `${figure(spread.q1)}–${figure(spread.q3)}`,
    goal: goalText(outcome),
    verdict: `${outcome.met ? 'ok' : '✘'}${outcome.noisy ? ' noisy' : ''}`,
  }
}

/** The outcomes as a table for a terminal. */
export function terminalTable(outcomes: readonly Outcome[]): string {
  const lines = [HEADINGS, ...outcomes.map(reportLine)]
  const widths = COLUMNS.map(column => Math.max(...lines.map(line => line[column].length)))
  return lines
    .map(line => COLUMNS.map((column, index) => line[column].padEnd(widths[index] ?? 0)).join('  '))
    .map(text => text.trimEnd())
    .join('\n')
}

/** The outcomes as a table for a Markdown page. */
export function markdownTable(outcomes: readonly Outcome[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const lines = outcomes.map(reportLine).map(line => row(COLUMNS.map(column => line[column])))
  return [row(COLUMNS.map(column => HEADINGS[column])), row(COLUMNS.map(() => '---')), ...lines].join('\n')
}
