import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './origin-answer.ts'

/** One request and its answer; the signal is made when somebody waits, because most answers are there at once. */
export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  let gone: AbortController | undefined
  return {
    request,
    response,
    get signal() {
      if (gone === undefined) {
        const controller = new AbortController()
        if (response.destroyed) controller.abort()
        else response.once('close', () => controller.abort())
        gone = controller
      }
      return gone.signal
    },
  }
}
