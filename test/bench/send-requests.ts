import { Agent, request } from 'node:http'

export type Load = {
  /** Paths asked for in turn. */
  urls: readonly string[]
  requests: number
  connections: number
  headers?: Readonly<Record<string, string>>
}

/** Bytes of one whole answer; throws when it is not 200. */
function get(url: string, agent: Agent, headers: Load['headers']): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, headers: { ...headers } }, response => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.once('end', () => {
        if (response.statusCode === 200) resolve(bytes)
        else reject(new Error(`${url} answered ${response.statusCode}.`))
      })
    })
    call.once('error', reject)
    call.end()
  })
}

/** Sends the requests over kept-alive connections, each connection one at a time; gives the bytes received. */
export async function sendRequests({ urls, requests, connections, headers }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let next = 0
  let bytes = 0
  const worker = async () => {
    while (next < requests) {
      const url = urls[next % urls.length] ?? ''
      next += 1
      const received = await get(url, agent, headers)
      bytes += received
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, worker))
  } finally {
    agent.destroy()
  }
  return bytes
}
