import { OpenAPIHono } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { jobsContract } from '#shared/service/job-pages.ts'
import { clipsContract } from './contract.ts'

test('the contract can be written as an OpenAPI document', () => {
  const app = new OpenAPIHono()
  for (const route of Object.values({ ...clipsContract, ...jobsContract })) app.openAPIRegistry.registerPath(route)
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'clips', version: '1' } })
  const schemas = Object.keys(document.components?.schemas ?? {})
  expect(schemas).toEqual(expect.arrayContaining(['Clip', 'QueuedClip', 'Simulation', 'Job']))
})
