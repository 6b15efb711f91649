import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { testService } from '#test/helpers/test-service.ts'
import { healthRoutes } from './health-routes.ts'
import { serviceApp } from './service-app.ts'
import { counter, gauge, histogram, startTelemetry } from './telemetry.ts'
import { inTrace } from './trace.ts'

const sent = counter('test_sent_total', 'Sent')
const took = histogram('test_took_seconds', 'Took', 's')
gauge('test_waiting', 'Waiting', result => result.observe(7, { queue: 'a' }))

test('instruments declared before the start are measured after it, and served at /metrics with the requests', async () => {
  sent.add(1)
  const telemetry = startTelemetry({ service: 'test' })
  expect(await telemetry.metricsText()).toContain('test_waiting')
  const service = await testService('channels')
  const app = serviceApp(service.options)
  healthRoutes(app, { checks: {}, facts: {}, metrics: telemetry.metricsText, drain: service.options.drain })
  app.get('/v1/channels/:id', c => c.json({}))
  await service.asUser(app, 'alice')('/v1/channels/secret-name')
  await service.asNobody(app)('/v1/nowhere')
  sent.add(2, { to: 'bus' })
  took.record(0.02)
  const text = await (await service.asNobody(app)('/metrics')).text()
  expect(text).toMatch(/^test_sent_total\{to="bus"[^}]*\} 2/mu)
  expect(text).toMatch(/^test_took_seconds_bucket\{[^}]*le="0.025"[^}]*\} 1/mu)
  expect(text).toMatch(/^test_waiting\{queue="a"[^}]*\} 7/mu)
  expect(text).toMatch(
    /http_server_request_duration_seconds_count\{method="GET",route="\/v1\/channels\/:id",status="2xx"/u,
  )
  expect(text).not.toContain('secret-name')
  await telemetry.shutdown()
})

test('with otlp a span goes to the collector under the trace that runs', async () => {
  const bodies: Buffer[] = []
  const collector = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk)).on('end', () => response.end())
  })
  await new Promise<void>(resolve => collector.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`)
  const telemetry = startTelemetry({ service: 'test', otlp: true })
  await telemetry.metricsText()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  inTrace(`00-${traceId}-b7ad6b7169203331-01`, 'the span', {}, () => undefined)
  await telemetry.shutdown()
  collector.close()
  vi.unstubAllEnvs()
  const received = Buffer.concat(bodies)
  expect(received.includes('the span')).toBe(true)
  expect(received.includes(Buffer.from(traceId, 'hex'))).toBe(true)
})
