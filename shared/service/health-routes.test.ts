import { expect, test } from 'vitest'
import { testService } from '#test/helpers/test-service.ts'
import { healthRoutes } from './health-routes.ts'
import { serviceApp } from './service-app.ts'

async function start(checks: Record<string, () => Promise<void>>) {
  const service = await testService()
  const app = serviceApp(service.options)
  healthRoutes(app, {
    checks,
    facts: { sandbox_level: 2 },
    metrics: () => Promise.resolve('up 1\n'),
    drain: service.options.drain,
  })
  return { ...service, get: service.asNobody(app) }
}

test('/healthz answers with the facts as long as the process lives, whatever fails', async () => {
  const { get, drain } = await start({ database: () => Promise.reject(new Error('away')) })
  drain()
  const health = await get('/healthz')
  expect(health.status).toBe(200)
  expect(await health.json()).toEqual({ status: 'ok', sandbox_level: 2 })
})

test('/readyz names what fails', async () => {
  let up = false
  const check = () => (up ? Promise.resolve() : Promise.reject(new Error('away')))
  const { get } = await start({ database: check, store: () => Promise.resolve() })
  const failing = await get('/readyz')
  expect(failing.status).toBe(503)
  expect(await failing.json()).toEqual({ status: 'failing', failing: ['database'] })
  up = true
  expect((await get('/readyz')).status).toBe(200)
})

test('/readyz does not wait for a check that hangs', async () => {
  const { get } = await start({ database: () => new Promise(() => {}) })
  expect(await (await get('/readyz')).json()).toEqual({ status: 'failing', failing: ['database'] })
})

test('/readyz sends requests elsewhere while draining', async () => {
  const { get, drain } = await start({})
  expect((await get('/readyz')).status).toBe(200)
  drain()
  expect((await get('/readyz')).status).toBe(503)
})
