import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { PRICES } from '#infra/prices.ts'
import type { GraphResource, ResourceGraph } from '#infra/resource-graph.ts'
import { costFloor } from '#tools/preview/cost-floor.ts'
import {
  changeLines,
  previewChange,
  previewToSave,
  readSavedPreview,
  savePreview,
} from '#tools/preview/saved-preview.ts'
import { ivsCosts, selfhostCosts } from '#tools/preview/unit-costs.ts'
import { stackGraph } from '../helpers/stack-graph.ts'

const DEV_IDLE_MAX_USD = 200

let dev: ResourceGraph
let prod: ResourceGraph
beforeAll(async () => {
  dev = await stackGraph('dev')
  prod = await stackGraph('prod', { mediaPlane: 'selfhost' })
}, 600_000)

const usdOf = (graph: ResourceGraph, component: string) =>
  costFloor(graph).byComponent.find(each => each.component === component)?.usd ?? 0

function changed(
  graph: ResourceGraph,
  type: string,
  change: (inputs: GraphResource['inputs']) => GraphResource['inputs'],
) {
  return {
    ...graph,
    resources: graph.resources.map(each => (each.type === type ? { ...each, inputs: change(each.inputs) } : each)),
  }
}

test('every type of resource has a price or is known to cost by use alone', () => {
  expect(costFloor(dev).unpriced).toEqual([])
  expect(costFloor(prod).unpriced).toEqual([])
})

test('a type nobody has priced, and one that bills every hour, are named', () => {
  const planted = (type: string) => [
    ...prod.resources.slice(0, 1),
    { ...(prod.resources.at(-1) as GraphResource), type },
  ]
  for (const type of ['aws:redshift/cluster:Cluster', 'aws:ec2/natGateway:NatGateway']) {
    expect(costFloor({ ...prod, resources: planted(type) }).unpriced).toEqual([type])
  }
})

test('dev on IVS idles below a bound, its database being most of it', () => {
  const floor = costFloor(dev)
  expect(floor.usd).toBeLessThan(DEV_IDLE_MAX_USD)
  expect(floor.byComponent[0]?.component).toBe('data')
  expect(usdOf(dev, 'data')).toBeCloseTo(0.1 * PRICES.spannerThousandUnitsHour * 730)
})

test('the floor follows what is kept: tasks of the doors, machines, balancers', () => {
  const doors = usdOf(prod, 'ingest-us-east-1')
  expect(doors).toBe(usdOf(prod, 'ingest-ap-southeast-1'))
  const more = changed(prod, 'aws:ecs/service:Service', inputs => ({
    ...inputs,
    desiredCount: 1 + Number(inputs['desiredCount']),
  }))
  const machines = changed(prod, 'aws:autoscaling/group:Group', inputs => ({ ...inputs, minSize: 10 }))
  expect(usdOf(more, 'ingest-us-east-1')).toBeGreaterThan(doors)
  expect(usdOf(machines, 'ingest-us-east-1')).toBeGreaterThan(doors)
  expect(
    usdOf({ ...prod, resources: prod.resources.filter(({ type }) => !type.startsWith('aws:lb/')) }, 'ingest-us-east-1'),
  ).toBeLessThan(doors)
})

test('a viewer of low latency asks for a part and a playlist, of picture and sound, every half second', () => {
  const { requestsPerViewerHour, requestsPerViewerHourStandard } = selfhostCosts()
  expect(requestsPerViewerHour).toBe(7_200 * 4)
  expect(requestsPerViewerHourStandard).toBe(1_800 * 4)
})

test('our own plane is cheaper by the show, Amazon’s by the viewer', () => {
  expect(selfhostCosts().streamHour).toBeLessThan(ivsCosts().streamHour / 4)
  expect(selfhostCosts().vodMinute).toBeLessThan(ivsCosts().vodMinute)
  expect(selfhostCosts().viewerHourStandard).toBeLessThan(selfhostCosts().viewerHour)
  expect(ivsCosts().viewerHour).toBeLessThan(selfhostCosts().viewerHour)
})

test('a preview says what changed since the one saved before it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'showreel-previews-'))
  try {
    expect(readSavedPreview('dev-ivs', folder)).toBeUndefined()
    savePreview('dev-ivs', previewToSave(dev, 100), folder)
    const before = readSavedPreview('dev-ivs', folder)
    if (before === undefined) throw new Error('nothing was saved')
    expect(changeLines(previewChange(before, previewToSave(dev, 100)))).toEqual([
      '  nothing changed since the last preview',
    ])

    const queues = changed(dev, 'aws:lambda/function:Function', inputs => ({ ...inputs, memorySize: 512 }))
    const resources = queues.resources.filter(({ type }) => type !== 'aws:ivs/channel:Channel')
    const change = previewChange(before, previewToSave({ ...queues, resources }, 90))
    expect(change.removed.map(urn => urn.split('::').at(-1))).toEqual(['canary'])
    expect(change.changed.map(({ inputs }) => inputs)).toEqual([['memorySize']])
    expect(changeLines(change).at(-1)).toBe('  0 to add, 1 to remove, 1 to change, −$10.00 a month')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
