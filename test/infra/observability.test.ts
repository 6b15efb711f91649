import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { ofType, type ResourceGraph } from '#infra/resource-graph.ts'
import { SLOS, slosOf } from '#shared/domain/slo.ts'
import { SUBSCRIPTIONS } from '#shared/domain/topology.ts'
import { stackConfig } from '#tools/preview/preview-stack.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const ALERT = 'gcp:monitoring/alertPolicy:AlertPolicy'
const OBJECTIVE = 'gcp:monitoring/slo:Slo'

const graphs: Record<string, ResourceGraph> = {}
beforeAll(async () => {
  graphs['ivs'] = await stackGraph('prod')
  graphs['selfhost'] = await stackGraph('prod', { mediaPlane: 'selfhost' })
}, 600_000)

const prod = () => graphs['ivs'] as ResourceGraph

describe.each(['ivs', 'selfhost'] as const)('with %s', plane => {
  test('every promise is an objective with a fast and a slow alert on its budget', () => {
    const graph = graphs[plane] as ResourceGraph
    const objectives = ofType(graph, OBJECTIVE)
    expect(new Map(objectives.map(({ name, inputs }) => [name, inputs['goal']]))).toEqual(
      new Map(slosOf(plane).map(({ name, goal }) => [name, goal])),
    )
    for (const { name } of objectives) {
      for (const speed of ['fast', 'slow']) {
        const alert = ofType(graph, ALERT).find(each => each.name === `${name}-${speed}`)
        expect(JSON.stringify(alert?.inputs['conditions']), `${name}-${speed}`).toContain(`\${Slo.${name}.name}`)
      }
    }
  })
})

test('playback start and clip time are promised for either plane, each by its own bound', () => {
  for (const hop of ['first-picture', 'clip-playable']) {
    const planes = SLOS.flatMap(({ measure }) =>
      measure.kind === 'hop' && measure.hop === hop ? [`${measure.plane} ${measure.atMostMs}`] : [],
    )
    expect(new Set(planes.map(each => each.split(' ')[0]))).toEqual(new Set(['ivs', 'selfhost']))
    expect(new Set(planes).size).toBe(2)
  }
})

test('every alert of either cloud has its page, and every page is in the list', () => {
  const alerts = ofType(prod(), ALERT).map(({ inputs }) => JSON.stringify(inputs['documentation']))
  const alarms = ofType(prod(), 'aws:cloudwatch/metricAlarm:MetricAlarm').map(({ inputs }) =>
    String(inputs['alarmDescription']),
  )
  expect(alerts.length).toBeGreaterThan(10)
  for (const text of [...alerts, ...alarms]) {
    const page = /docs\/runbooks\/[\w-]+\.md/u.exec(text)?.[0] ?? ''
    expect(existsSync(page), text).toBe(true)
  }
  const listed = readFileSync('docs/runbooks/README.md', 'utf8')
  const pages = readdirSync('docs/runbooks').filter(file => file !== 'README.md')
  expect(pages.filter(page => !listed.includes(`](${page})`))).toEqual([])
})

test('a page leads only to pages that exist, and is read in a minute', () => {
  for (const page of readdirSync('docs/runbooks')) {
    const text = readFileSync(`docs/runbooks/${page}`, 'utf8')
    expect(text.split('\n').length, page).toBeLessThanOrEqual(40)
    for (const [, link = ''] of text.matchAll(/\]\(([\w./-]+\.md)\)/gu)) {
      expect(existsSync(new URL(link, `file://${process.cwd()}/docs/runbooks/`)), `${page}: ${link}`).toBe(true)
    }
  }
})

test('a consumer that is added to the topology is watched the day it is made', () => {
  const filters = ofType(prod(), ALERT).map(({ inputs }) => JSON.stringify(inputs['conditions']))
  const age = filters.find(text => text.includes('oldest_unacked_message_age')) ?? ''
  for (const { name } of SUBSCRIPTIONS) expect(age).toContain(name)
})

test('the month’s amount is shared out between the clouds, and neither part is lost', () => {
  const onAws = Number(ofType(prod(), 'aws:budgets/budget:Budget')[0]?.inputs['limitAmount'])
  const onGoogle = ofType(prod(), 'gcp:billing/budget:Budget')[0]?.inputs['amount'] as {
    specifiedAmount: { units: string }
  }
  expect(onAws + Number(onGoogle.specifiedAmount.units)).toBe(Number(stackConfig('prod')['showreel:monthlyBudgetUsd']))
})
