import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** Stands between a client and a server of AWS's kind, and misbehaves as told. */
export type UnrulyProxy = AsyncDisposable & {
  url: string
  /** The next so many requests are answered 503 SlowDown and never arrive. */
  throttle(requests: number): void
  /** The next so many writes arrive, and their answers are lost. */
  loseAnswers(requests: number): void
  /** Answers lost so far. */
  lost(): number
}

const SLOW_DOWN =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'

export async function unrulyProxy(target: string): Promise<UnrulyProxy> {
  let throttled = 0
  let losing = 0
  let lost = 0
  const server = createServer((incoming, outgoing) => {
    if (throttled > 0) {
      throttled -= 1
      incoming.resume()
      outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(SLOW_DOWN)
      return
    }
    const lose = losing > 0 && incoming.method !== 'GET' && incoming.method !== 'HEAD'
    if (lose) losing -= 1
    forward(target, incoming, outgoing, () => {
      if (lose) lost += 1
      return lose
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    throttle: requests => (throttled = requests),
    loseAnswers: requests => (losing = requests),
    lost: () => lost,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, loses: () => boolean): void {
  const { method, headers } = incoming
  const onward = request(new URL(incoming.url ?? '/', target), { method, headers }, answer => {
    if (loses()) {
      answer.resume()
      outgoing.destroy()
      return
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  incoming.pipe(onward)
}
