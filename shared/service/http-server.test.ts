import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '#test/helpers/eventually.ts'
import { testService } from '#test/helpers/test-service.ts'
import { type HttpServer, serveHttp } from './http-server.ts'
import { createLog } from './log.ts'
import { serviceApp } from './service-app.ts'

const log = createLog({ service: 'test', level: 'silent' })
const servers: HttpServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

async function serve(fetch: (request: Request) => Response | Promise<Response>): Promise<HttpServer> {
  const server = await serveHttp({ fetch, port: 0, log, name: 'test', setting: 'PORT' })
  servers.push(server)
  return server
}

/** One request over an agent, as the bytes and headers that came back. */
function get(url: string, agent: Agent): Promise<{ status: number | undefined; close: boolean; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, response => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () =>
        resolve({ status: response.statusCode, close: response.headers.connection === 'close', body }),
      )
    })
      .on('error', reject)
      .end()
  })
}

async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', chunk => (answer += chunk.toString()))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

test('requests in flight are answered while draining, and then it ends', async () => {
  const release = Promise.withResolvers<void>()
  let arrived = 0
  const server = await serve(async () => {
    arrived += 1
    await release.promise
    return new Response('whole')
  })
  const agent = new Agent({ keepAlive: true })
  const running = Array.from({ length: 5 }, () => get(server.url, agent))
  await eventually(
    () => arrived,
    count => expect(count).toBe(5),
  )
  const drained = server.drain(8_000)
  release.resolve()
  const answers = await Promise.all(running)
  expect(answers.map(({ status, body }) => [status, body])).toEqual(Array.from({ length: 5 }, () => [200, 'whole']))
  await drained
  await expect(get(server.url, agent)).rejects.toThrow('ECONNREFUSED')
  agent.destroy()
})

test('under load no request fails while draining, on connections that are kept', async () => {
  const server = await serve(() => new Response('ok'))
  const failures: string[] = []
  let answered = 0
  const clients = Array.from({ length: 8 }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (;;) {
      try {
        const { close } = await get(server.url, agent)
        answered += 1
        if (close) break
      } catch (error) {
        failures.push(String(error))
        break
      }
    }
    agent.destroy()
  })
  await eventually(() => answered > 200)
  await server.drain(8_000)
  await Promise.all(clients)
  expect(failures).toEqual([])
})

test('a request that never ends is cut when the drain is over', async () => {
  let arrived = false
  const server = await serve(() => {
    arrived = true
    return new Promise<never>(() => {})
  })
  const agent = new Agent()
  const hung = get(server.url, agent).catch((error: unknown) => error)
  await eventually(() => arrived)
  await server.drain(200)
  expect(await hung).toBeInstanceOf(Error)
})

test('a taken port is refused in a sentence with the port and its setting', async () => {
  const { port } = await serve(() => new Response(null))
  const second = serveHttp({ fetch: () => new Response(null), port, log, name: 'api', setting: 'PORT' })
  await expect(second).rejects.toThrow(
    `Port ${port} for api is in use: end the program that holds it, or set PORT to another.`,
  )
})

test('waits and headers are bounded', async () => {
  const { server, port } = await serve(() => new Response(null))
  expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([10_000, 30_000, 65_000])
  const answer = await raw(port, `GET / HTTP/1.1\r\nHost: a\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 431 /u)
  expect(answer).toContain('application/problem+json')
})

test('what is not HTTP is answered 400 and closed', async () => {
  const { port } = await serve(() => new Response(null))
  expect(await raw(port, 'this is not http\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"request.malformed"/u)
})

test('a body beyond the limit is refused over the wire, declared or streamed, and the server goes on', async () => {
  const service = await testService('channels')
  const app = serviceApp(service.options)
  app.post('/v1/channels', async c => c.json({ length: (await c.req.text()).length }, 201))
  const { url } = await serve(app.fetch)
  const large = new Uint8Array(1_000_000).fill(0x20)
  const streamed = async function* () {
    for (let at = 0; at < large.length; at += 65_536) yield large.subarray(at, at + 65_536)
  }
  const bearer = { authorization: `Bearer ${await service.userToken('alice')}`, 'content-type': 'application/json' }
  const post = (body: RequestInit['body'] | AsyncIterable<Uint8Array>) => {
    const init = { method: 'POST', headers: bearer, body, duplex: 'half' as const }
    return fetch(new URL('/v1/channels', url), init as RequestInit)
  }
  for (const body of [large, streamed(), large, streamed()]) expect((await post(body)).status).toBe(413)
  expect((await post('{"a": 1}')).status).toBe(201)
})

test('a client that goes away in the middle of a body leaves no error behind', async () => {
  const service = await testService('channels')
  const app = serviceApp(service.options)
  app.post('/v1/channels', c => c.json({}, 201))
  const { port } = await serve(app.fetch)
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST /v1/channels HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await service.userToken('alice')}\r\n`)
  socket.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":')
  await eventually(() => socket.bytesWritten > 200)
  socket.destroy()
  const again = await service.asUser(new URL(`http://127.0.0.1:${port}`), 'alice')('/v1/channels', { body: {} })
  expect(again.status).toBe(201)
  expect(service.lines().filter(line => line.includes('"level":"error"'))).toEqual([])
})
