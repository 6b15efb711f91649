import { PRICES_AS_OF } from '#infra/prices.ts'
import type { CostFloor } from './cost-floor.ts'
import type { Paint } from './print-tree.ts'
import { ASSUMED, ivsCosts, type PlaneCosts, selfhostCosts } from './unit-costs.ts'

const LABEL = 34
const COLUMN = 12

/** The cost sheet: what a month costs idle, by component, and what use costs on either plane. */
export function costLines(floor: CostFloor, paint: Paint): string[] {
  const rows = floor.byComponent.map(({ component, usd }) => row(component, [month(usd)]))
  return [
    paint.bold(`Idle, a month (list prices of ${PRICES_AS_OF})`),
    ...rows,
    row('all together', [month(floor.usd)]),
    ...floor.unpriced.map(type => `✘ nobody has said what ${type} costs`),
    '',
    paint.bold(row('In use', ['ivs', 'selfhost'])),
    ...useLines(ivsCosts(), selfhostCosts()),
    paint.dim(`  ${ASSUMED.source}; more assumptions in tools/preview/unit-costs.ts`),
  ]
}

function useLines(ivs: PlaneCosts, selfhost: PlaneCosts): string[] {
  const both = (label: string, of: (costs: PlaneCosts) => string) => row(label, [of(ivs), of(selfhost)])
  return [
    both('stream-hour', costs => usd(costs.streamHour)),
    both('viewer-hour, low latency', costs => usd(costs.viewerHour)),
    both('viewer-hour, standard latency', costs => usd(costs.viewerHourStandard)),
    both('requests per viewer-hour, low', costs => requests(costs.requestsPerViewerHour)),
    both('requests per viewer-hour, standard', costs => requests(costs.requestsPerViewerHourStandard)),
    both('VOD-minute', costs => usd(costs.vodMinute)),
  ]
}

function row(label: string, values: readonly string[]): string {
  return `  ${label.padEnd(LABEL)} ${values.map(value => value.padStart(COLUMN)).join('')}`
}

const month = (value: number): string => `$${value.toFixed(2)}`
const usd = (value: number): string => `$${value.toFixed(4)}`
const requests = (value: number): string => (value === 0 ? 'not billed' : value.toLocaleString('en'))
