import { DashboardBuilder, DatasourceVariableBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { DashboardPage, DashboardPanel } from './dashboards-panels.ts'

/** Grafana's grid is 24 wide; three panels a row. */
const PANEL_WIDTH = 8
const PANEL_HEIGHT = 8
/** The data source is chosen on the page: a Prometheus, or Google's through its own address. */
const SOURCE = { type: 'prometheus', uid: '${source}' }

/** A page as Grafana's JSON, to be provisioned or imported. */
export function grafanaJson(page: DashboardPage): string {
  const builder = new DashboardBuilder(page.title)
    .uid(page.name)
    .tags(['showreel'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('source').label('Prometheus').type('prometheus'))
  for (const row of page.rows) {
    builder.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panelOf(panel))
  }
  return JSON.stringify(builder.build(), null, 2)
}

function panelOf({ title, says, unit, queries }: DashboardPanel): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(says)
    .unit(unit)
    .min(0)
    .span(PANEL_WIDTH)
    .height(PANEL_HEIGHT)
    .datasource(SOURCE)
  for (const { promql, legend } of queries) {
    panel.withTarget(new DataqueryBuilder().expr(promql).legendFormat(legend).datasource(SOURCE))
  }
  return panel
}
