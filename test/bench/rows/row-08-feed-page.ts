import type { BenchRow } from '../bench-row.ts'
import { measuredChild } from '../measured-child.ts'
import { sendRequests } from '../send-requests.ts'

const REQUESTS = { whole: 600, quick: 60 }
const CONNECTIONS = 8
const WARM_UP = 100

/** A page of the feed through the whole middleware, beside node:http and the same statements. */
export const feedPage: BenchRow = {
  id: '8',
  name: 'feed-page',
  title: 'page of the feed (GET /v1/feed), CPU per request',
  metrics: [{ key: 'cpu', title: '', unit: 'µs', goal: { ratioMax: 1.33 } }],
  rounds: 7,
  quickRounds: 2,
  ready: async ({ quick }) => {
    const child = await measuredChild('feed-servers')
    const requests = quick ? REQUESTS.quick : REQUESTS.whole
    const load = (url: string, count: number) =>
      sendRequests({ urls: [url], requests: count, connections: CONNECTIONS })
    const sample = async (url: string) => {
      const before = await child.cpuUs()
      await load(url, requests)
      return { cpu: ((await child.cpuUs()) - before) / requests }
    }
    const { ours = '', bare = '', statements = '' } = child.facts
    await load(ours, WARM_UP)
    await load(bare, WARM_UP)
    return {
      ours: { name: 'the service, all middleware', sample: () => sample(ours) },
      peer: { name: 'node:http and the same SQL', sample: () => sample(bare) },
      notes: [`${statements} statements a page of 20 items, the embedded database's thread included`],
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    }
  },
}
