import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import type { Log } from './log.ts'
import { PROBLEM_TYPE } from './problem.ts'

type Fetch = Parameters<typeof getRequestListener>[0]

/** An app's `fetch`, or a plain listener where every microsecond counts. */
type Served = { fetch: Fetch } | { listener: RequestListener }

export type ServeOptions = Served & {
  /** 0 lets the system choose. */
  port: number
  host?: string
  log: Log
  /** What is served, for people: `api`. */
  name: string
  /** Other processes listen on the same port and share its connections; Linux alone can do that. */
  reusePort?: boolean
  /** The variable that sets the port, named when the port is taken. */
  setting?: string
}

export type HttpServer = {
  readonly port: number
  readonly url: string
  readonly server: Server
  /**
   * Ends gracefully within `ms`: what runs is answered, with `Connection: close`; idle connections may send one more
   * request before they are closed, so that none is cut between a client's decision and its bytes.
   */
  drain: (ms: number) => Promise<void>
  /** Ends at once. */
  close: () => Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_TIMEOUT_MS = 65_000
const HEADER_BYTES_MAX = 16_384
/** Requests one connection may send before it is closed, so that load spreads to new instances. */
const REQUESTS_PER_SOCKET_MAX = 100_000
/** How long idle connections stay open at most while draining, in ms. */
const IDLE_GRACE_MS = 1_500
const DRAIN_POLL_MS = 20
const LOOPBACK = '127.0.0.1'

const BAD_REQUESTS: Readonly<Record<string, { status: number; code: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'request.headers-too-large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request.timeout' },
}
const MALFORMED = { status: 400, code: 'request.malformed' }

/** Serves HTTP with every wait bounded; a taken port is refused in one sentence that names the port and its setting. */
export async function serveHttp(options: ServeOptions): Promise<HttpServer> {
  const { host = LOOPBACK, log, name } = options
  const listener = 'listener' in options ? options.listener : getRequestListener(options.fetch)
  let draining = false
  const inFlight = new Set<ServerResponse>()
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX }, (request: IncomingMessage, response) => {
    inFlight.add(response)
    response.once('close', () => inFlight.delete(response))
    if (draining) sayClose(response)
    Promise.resolve(listener(request, response)).catch((error: unknown) => {
      log.error({ err: error }, 'a request ended without an answer')
      response.destroy()
    })
  })
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS
  server.maxRequestsPerSocket = REQUESTS_PER_SOCKET_MAX
  server.on('clientError', refuseBadRequest)
  const port = await listen(server, options.port, host, options)
  log.info({ name, port }, 'listening')

  const closed = new Promise<void>(resolve => server.once('close', resolve))
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    server,
    drain: async ms => {
      if (draining) return closed
      draining = true
      for (const response of inFlight) sayClose(response)
      const startedMs = performance.now()
      // Not server.close(): that one cuts idle connections at once.
      NetServer.prototype.close.call(server)
      const ended = closed.then(() => true)
      const over = () => performance.now() - startedMs
      while (!(await Promise.race([ended, tick()]))) {
        if (inFlight.size === 0 && over() > Math.min(IDLE_GRACE_MS, ms / 2)) server.closeIdleConnections()
        if (over() > ms) {
          log.warn({ name, in_flight: inFlight.size }, 'requests were cut at the end of the drain')
          server.closeAllConnections()
        }
      }
      return undefined
    },
    close: async () => {
      draining = true
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function sayClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}

function tick(): Promise<false> {
  return new Promise(resolve => setTimeout(resolve, DRAIN_POLL_MS, false))
}

function listen(server: Server, port: number, host: string, options: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(portTaken(port, options)) : error)
    })
    server.listen({ port, host, reusePort: options.reusePort ?? false }, () =>
      resolve((server.address() as AddressInfo).port),
    )
  })
}

function portTaken(port: number, { name, setting }: ServeOptions): string {
  const advice = setting === undefined ? 'choose another' : `set ${setting} to another`
  return `Port ${port} for ${name} is in use: end the program that holds it, or ${advice}.`
}

/** What never became a request is answered too, in the same form, and its connection is closed. */
function refuseBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const { status, code } = BAD_REQUESTS[error.code ?? ''] ?? MALFORMED
  const title = STATUS_CODES[status] ?? 'Bad Request'
  const body = JSON.stringify({ type: 'about:blank', title, status, code, retryable: status === 408 })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
