import { createServer, type IncomingMessage } from 'node:http'

export type ReceivedPush = {
  path: string
  headers: IncomingMessage['headers']
  body: unknown
}

/** What a receiver answers; `hang` never answers. */
export type PushAnswer = { status: number; headers?: Record<string, string>; body?: string } | 'hang'

/** An HTTP server that records every POST in arrival order and answers as told. */
export type PostReceiver = AsyncDisposable & {
  url: string
  received: ReceivedPush[]
  /** Requests being answered right now, and the most there ever were. */
  underWay: { now: number; most: number }
  /** Stops listening, as a consumer that died. */
  down(): Promise<void>
  /** Listens again on the same port. */
  up(): Promise<void>
}

export async function postReceiver(
  answer: (push: ReceivedPush) => PushAnswer | Promise<PushAnswer> = () => ({ status: 204 }),
): Promise<PostReceiver> {
  const received: ReceivedPush[] = []
  const underWay = { now: 0, most: 0 }
  const server = createServer((request, response) => {
    underWay.now += 1
    underWay.most = Math.max(underWay.most, underWay.now)
    response.on('close', () => {
      underWay.now -= 1
    })
    const serve = async (): Promise<void> => {
      let text = ''
      for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
      const push = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as unknown }
      received.push(push)
      const told = await answer(push)
      if (told === 'hang') return
      response.writeHead(told.status, told.headers)
      response.end(told.body)
    }
    serve().catch(() => response.destroy())
  })
  const listen = async (port: number): Promise<number> =>
    await new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  const down = async (): Promise<void> => {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  const port = await listen(0)
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    underWay,
    down,
    async up() {
      await listen(port)
    },
    [Symbol.asyncDispose]: down,
  }
}
