import type { DashboardPage } from './dashboards-panels.ts'

/** Cloud Monitoring's grid is 48 wide; three panels a row. */
const TILE_WIDTH = 16
const TILE_HEIGHT = 14
const PER_ROW = 3
/** Cloud Monitoring's words for our units. */
const UNITS = { reqps: '1/s', s: 's', short: '1', percentunit: '10^2.%', bps: 'bit/s' } as const

/** A page as Cloud Monitoring's JSON: the same pictures from the same queries. */
export function cloudJson(page: DashboardPage): string {
  const panels = page.rows.flatMap(row => row.panels)
  const tiles = panels.map(({ title, unit, queries }, index) => ({
    xPos: (index % PER_ROW) * TILE_WIDTH,
    yPos: Math.floor(index / PER_ROW) * TILE_HEIGHT,
    width: TILE_WIDTH,
    height: TILE_HEIGHT,
    widget: {
      title,
      xyChart: {
        dataSets: queries.map(({ promql }) => ({
          plotType: 'LINE',
          timeSeriesQuery: { prometheusQuery: promql, unitOverride: UNITS[unit] },
        })),
      },
    },
  }))
  return JSON.stringify({ displayName: page.title, mosaicLayout: { columns: TILE_WIDTH * PER_ROW, tiles } })
}
