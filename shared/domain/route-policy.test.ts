import { expect, test } from 'vitest'
import { ROUTE_POLICY } from './route-policy.ts'
import { QUEUES, SUBSCRIPTIONS } from './topology.ts'

const rows = Object.entries(ROUTE_POLICY)

test('every row is a method and a path, and allows someone', () => {
  for (const [route, { allow }] of rows) {
    expect(route).toMatch(/^(GET|POST|PUT|PATCH|DELETE) \/[\w/:.*-]*$/u)
    expect(allow.length, route).toBeGreaterThan(0)
  }
})

test('private paths are for signed calls only, and nothing else is', () => {
  for (const [route, { allow }] of rows) {
    const isPrivate = /^\w+ \/(?:push|tasks|internal|plane)\//u.test(route)
    expect(allow === 'service', route).toBe(isPrivate)
  }
})

test('nothing under /v1 is written without a role', () => {
  for (const [route, { allow }] of rows) {
    if (/^(?:POST|PUT|PATCH|DELETE) \/v1\//u.test(route)) expect(Array.isArray(allow), route).toBe(true)
  }
})

test('every subscription and every queue of the topology has its route, for its service', () => {
  for (const { name, service } of SUBSCRIPTIONS) {
    expect(ROUTE_POLICY[`POST /push/${name}`]).toMatchObject({ allow: 'service', audience: service })
  }
  for (const { kind, service } of QUEUES) {
    expect(ROUTE_POLICY[`POST /tasks/${kind}`]).toMatchObject({ allow: 'service', audience: service })
  }
})
