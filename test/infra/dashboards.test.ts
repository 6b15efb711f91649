import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cloudJson } from '#infra/dashboards-cloud.ts'
import { grafanaJson } from '#infra/dashboards-grafana.ts'
import { DASHBOARD_PAGES } from '#infra/dashboards-panels.ts'
import { sourceFiles } from '../tidy/source-files.ts'

const DECLARED = /\b(counter|gauge|histogram)\(\s*'([a-z_]+)'/gu

/** Every series the running services export, from where their instruments are declared. */
function exported(): Set<string> {
  const series = sourceFiles()
    .filter(({ path }) => /^(?:shared|run-services|local|functions)\//u.test(path) && !path.endsWith('.test.ts'))
    .flatMap(({ text }) => [...text.matchAll(DECLARED)])
    .flatMap(([, kind, name = '']) => {
      if (kind === 'histogram') return ['_bucket', '_count', '_sum'].map(suffix => name + suffix)
      if (kind === 'counter') return [name.endsWith('_total') ? name : `${name}_total`]
      return [name]
    })
  return new Set(series)
}

const FUNCTIONS = new Set(['sum', 'rate', 'topk', 'max', 'histogram_quantile', 'by', 'le'])

/** Names of series in a query: words that are neither functions nor labels. */
function seriesIn(promql: string): string[] {
  const bare = promql
    .replaceAll(/\{[^}]*\}/gu, '')
    .replaceAll(/by \([^)]*\)/gu, '')
    .replaceAll(/\[\w+\]/gu, '')
  return [...bare.matchAll(/[a-z_]{3,}/gu)].map(([word]) => word).filter(word => !FUNCTIONS.has(word))
}

const queries = DASHBOARD_PAGES.flatMap(({ name, rows }) =>
  rows.flatMap(({ panels }) => panels.flatMap(panel => panel.queries.map(({ promql }) => [name, promql] as const))),
)

test.each(queries)('%s asks for what is exported: %s', (_page, promql) => {
  const known = exported()
  const asked = seriesIn(promql)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter(name => !known.has(name))).toEqual([])
})

test('every series of the media plane has a picture', () => {
  const shown = new Set(queries.flatMap(([, promql]) => seriesIn(promql)))
  const plane = [...exported()].filter(name => name.startsWith('showreel_live_'))
  expect(plane.filter(name => !shown.has(name))).toEqual([])
})

test('both forms of a page carry the same queries, three panels a row', () => {
  for (const page of DASHBOARD_PAGES) {
    const grafana = JSON.parse(grafanaJson(page)) as { panels: { title: string; targets?: { expr: string }[] }[] }
    const cloud = JSON.parse(cloudJson(page)) as {
      mosaicLayout: {
        columns: number
        tiles: {
          xPos: number
          width: number
          widget: { xyChart: { dataSets: { timeSeriesQuery: { prometheusQuery: string } }[] } }
        }[]
      }
    }
    const wanted = page.rows.flatMap(({ panels }) => panels.flatMap(each => each.queries.map(({ promql }) => promql)))
    expect(grafana.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))).toEqual(wanted)
    const { columns, tiles } = cloud.mosaicLayout
    expect(
      tiles.flatMap(({ widget }) => widget.xyChart.dataSets.map(each => each.timeSeriesQuery.prometheusQuery)),
    ).toEqual(wanted)
    for (const { xPos, width } of tiles) expect(xPos + width).toBeLessThanOrEqual(columns)
  }
})

test('pages have ids and titles of their own, and runbooks name them as they are', () => {
  expect(new Set(DASHBOARD_PAGES.map(({ name }) => name)).size).toBe(DASHBOARD_PAGES.length)
  const [named = ''] =
    /dashboard \*([^*]+)\*/u.exec(readFileSync('docs/runbooks/api-availability.md', 'utf8'))?.slice(1) ?? []
  expect(DASHBOARD_PAGES.map(({ title }) => title)).toContain(named)
})
