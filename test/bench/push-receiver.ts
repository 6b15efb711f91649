import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A consumer that handles every push at once and remembers which messages it had. */
export type PushReceiver = AsyncDisposable & {
  readonly url: string
  /** Resolves with the time (performance.now) of the first delivery of the message whose attribute `bench` is this. */
  handled(id: string): Promise<number>
}

/** Longest wait for one message, in ms. */
const HANDLED_MS_MAX = 60_000

type Envelope = { message: { attributes: Record<string, string> } }

/** Takes Pub/Sub-shaped pushes on a free loopback port and answers 204. */
export async function pushReceiver(): Promise<PushReceiver> {
  const arrivals = new Map<string, PromiseWithResolvers<number>>()
  const arrivalOf = (id: string) => {
    const arrival = arrivals.get(id) ?? Promise.withResolvers<number>()
    arrivals.set(id, arrival)
    return arrival
  }
  const server = createServer((request, response) => {
    void text(request).then(body => {
      const { message } = JSON.parse(body) as Envelope
      arrivalOf(message.attributes['bench'] ?? '').resolve(performance.now())
      response.writeHead(204).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    handled: async id => {
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => late.reject(new Error(`Message ${id} was never pushed.`)), HANDLED_MS_MAX)
      try {
        return await Promise.race([arrivalOf(id).promise, late.promise])
      } finally {
        clearTimeout(timer)
        arrivals.delete(id)
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
