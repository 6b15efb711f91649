import { CANARY_HOPS, type TimedHop } from '#shared/domain/canary.ts'

/** Cells of a bar that stands for a whole budget. */
const BAR_CELLS = 20

/** The hops of a run for a person: what was timed, its budget, and how much of it was used. */
export function hopTable(hops: readonly TimedHop[]): string {
  const wide = Math.max(...CANARY_HOPS.map(({ name }) => name.length))
  return hops
    .map(({ name, ms, budget_ms, held }) => {
      const says = CANARY_HOPS.find(hop => hop.name === name)?.says ?? ''
      const took = ms === null ? 'did not come' : `${Math.round(ms).toLocaleString('en')} ms`
      const used = ms === null ? 0 : Math.min(BAR_CELLS, Math.ceil((ms / budget_ms) * BAR_CELLS))
      const bar = '█'.repeat(used).padEnd(BAR_CELLS, '·')
      const of = `of ${budget_ms.toLocaleString('en')}`
      return `${held ? '✔' : '✘'} ${name.padEnd(wide)} ${took.padStart(12)} ${of.padStart(11)}  ${bar}  ${says}\n`
    })
    .join('')
}
