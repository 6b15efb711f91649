import { expect, test } from 'vitest'
import { ROUTE_POLICY } from '#shared/domain/route-policy.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import { channelsContract } from './contract.ts'

test('every route is declared in the policy, under the path it documents', () => {
  for (const { method, path } of Object.values(channelsContract)) {
    expect(Object.keys(ROUTE_POLICY)).toContain(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
  }
})

test('the contract can be written as an OpenAPI document, titles and free JSON included', () => {
  const app = new OpenAPIHono()
  for (const route of Object.values(channelsContract)) app.openAPIRegistry.registerPath(route)
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'channels', version: '1' } })
  expect(Object.keys(document.paths ?? {})).toContain('/v1/streams/{id}/ledger')
  expect(document.components?.schemas?.['CreateChannel']).toMatchObject({
    additionalProperties: false,
    required: ['title'],
    properties: { title: { type: 'string' }, dvr_window_s: { type: 'integer', default: 3600 } },
  })
  expect(document.components?.schemas).toHaveProperty('SendCue')
})
