import type { Outcome } from './measure-row.ts'

const WIDTH = 860
const LABEL_WIDTH = 380
const ROW_HEIGHT = 26
const MARGIN = 40
/** Shares of the goal at the ends of the logarithmic axis. */
const [AXIS_LOW, AXIS_HIGH] = [0.05, 5]

type Bar = { label: string; q1: number; median: number; q3: number; met: boolean; noisy: boolean }

/** Figures as shares of what they may be at most: below 1 the goal is met. */
function bars(outcomes: readonly Outcome[]): Bar[] {
  return outcomes.flatMap(({ row, title, goal, ratio, ours, met, noisy }) => {
    const label = `${row} · ${title}`
    const share = (figures: { q1: number; median: number; q3: number }, most: number) => [
      { label, q1: figures.q1 / most, median: figures.median / most, q3: figures.q3 / most, met, noisy },
    ]
    const inverse = (figures: { q1: number; median: number; q3: number }, least: number) => [
      { label, q1: least / figures.q3, median: least / figures.median, q3: least / figures.q1, met, noisy },
    ]
    if (goal.ratioMax !== undefined && ratio !== undefined) return share(ratio, goal.ratioMax)
    if (goal.ratioMin !== undefined && ratio !== undefined) return inverse(ratio, goal.ratioMin)
    if (goal.atMost !== undefined) return share(ours, goal.atMost)
    if (goal.atLeast !== undefined) return inverse(ours, goal.atLeast)
    return []
  })
}

function x(share: number): number {
  const clamped = Math.min(AXIS_HIGH, Math.max(AXIS_LOW, share))
  const place = Math.log(clamped / AXIS_LOW) / Math.log(AXIS_HIGH / AXIS_LOW)
  return Math.round((LABEL_WIDTH + place * (WIDTH - LABEL_WIDTH - MARGIN)) * 10) / 10
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** The outcomes as an SVG: each figure's quartiles as a share of its goal, the goal at 1. */
export function plotOutcomes(outcomes: readonly Outcome[]): string {
  const shown = bars(outcomes)
  const height = MARGIN * 2 + shown.length * ROW_HEIGHT
  const ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5].map(
    share =>
      `<line class="tick${share === 1 ? ' goal' : ''}" x1="${x(share)}" x2="${x(share)}" y1="${MARGIN - 6}" y2="${height - MARGIN}"/>` +
      `<text class="axis" x="${x(share)}" y="${MARGIN - 12}" text-anchor="middle">${share === 1 ? 'goal' : `${share}×`}</text>`,
  )
  const rows = shown.map(({ label, q1, median, q3, met, noisy }, index) => {
    const y = MARGIN + index * ROW_HEIGHT + ROW_HEIGHT / 2
    return (
      `<text x="${LABEL_WIDTH - 16}" y="${y + 4}" text-anchor="end">${escape(label)}${noisy ? ' ~' : ''}</text>` +
      `<line class="${met ? 'met' : 'missed'}" x1="${x(q1)}" x2="${x(q3)}" y1="${y}" y2="${y}"/>` +
      `<circle class="${met ? 'met' : 'missed'}" cx="${x(median)}" cy="${y}" r="5"/>`
    )
  })
  const style = `text{font:12px system-ui,sans-serif;fill:#334}.axis{fill:#778}.tick{stroke:#e3e5ea}.goal{stroke:#445;stroke-dasharray:4 3}
line.met{stroke:#1a7f5a;stroke-width:4}circle.met{fill:#1a7f5a}line.missed{stroke:#c2410c;stroke-width:4}circle.missed{fill:#c2410c}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Each measured figure as a share of its goal">
<style>${style}</style>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${[...ticks, ...rows].join('\n')}
</svg>
`
}
