/** Bare node:http with the bytes of the given URLs in memory: the least a server can do for them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveMeasured } from '../measured-child.ts'

type Kept = { headers: Record<string, string>; body: Buffer }

const kept = new Map<string, Kept>()
for (const text of process.argv.slice(2)) {
  const url = new URL(text)
  // As it comes over the wire: fetch would unpack it.
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !['connection', 'keep-alive', 'date', 'transfer-encoding'].includes(name)),
  )
  kept.set(url.pathname + url.search, { headers, body: Buffer.from(await response.arrayBuffer()) })
}

const server = createServer((request, response) => {
  const found = kept.get(request.url ?? '')
  if (found === undefined) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, found.headers)
  response.end(found.body)
})
server.keepAliveTimeout = 65_000
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

serveMeasured({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})
