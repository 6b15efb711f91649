import { OpenAPIHono } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { serviceBehind } from '#shared/domain/front-door.ts'
import { ROUTE_POLICY } from '#shared/domain/route-policy.ts'
import { feedContract } from './contract.ts'

test('every route is declared in the policy, and the front door leads to this service', () => {
  for (const { method, path } of Object.values(feedContract)) {
    expect(Object.keys(ROUTE_POLICY)).toContain(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
    expect(serviceBehind(path)).toBe('feed')
  }
})

test('the contract can be written as an OpenAPI document', () => {
  const app = new OpenAPIHono()
  for (const route of Object.values(feedContract)) app.openAPIRegistry.registerPath(route)
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'feed', version: '1' } })
  expect(Object.keys(document.paths ?? {})).toContain('/v1/shares/{id}/visits')
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining(['FeedItem', 'Share']))
})
