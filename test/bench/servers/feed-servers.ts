/** A page of the feed twice over one database: the service with everything around it, and bare node:http with the same SQL. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Statement } from '../../../shared/ports/database/named-query.ts'
import { serveHttp } from '../../../shared/service/http-server.ts'
import { startTelemetry } from '../../../shared/service/telemetry.ts'
import { feedService } from '../../helpers/feed-service.ts'
import { putClips, putCreator, putShow } from '../../helpers/published-clips.ts'
import { serveMeasured } from '../measured-child.ts'

/** Clips published: fifty pages of the default size. */
const CLIPS = 1_000
const PAGE = 20

const telemetry = startTelemetry({ service: 'bench' })
const service = await feedService()
const { database } = service
const publishedMs = Date.parse('2026-11-21T12:00:00.000Z')
await putCreator(database, 'crtr_a', 'alice')
await putShow(database, { id: 'strm_a', creator: 'crtr_a', startedAt: '2026-11-21T11:00:00.000Z' })
await putClips(
  database,
  Array.from({ length: CLIPS }, (_, index) => ({ id: `clip_${index}`, rank: publishedMs - index * 60_000 })),
)
const ours = await serveHttp({ fetch: service.app.fetch, port: 0, log: service.deps.log, name: 'feed' })

/** What the service asks the database for one page, in rounds that were asked together. */
async function statementsOfOnePage(): Promise<Statement<unknown>[][]> {
  const rounds: Statement<unknown>[][] = []
  let open = 0
  const read = database.read.bind(database)
  database.read = async <Row>(statement: Statement<Row>) => {
    if (open === 0) rounds.push([])
    open += 1
    rounds.at(-1)?.push(statement)
    try {
      return await read(statement)
    } finally {
      open -= 1
    }
  }
  const response = await fetch(`${ours.url}/v1/feed`)
  const { data } = (await response.json()) as { data: unknown[] }
  database.read = read
  if (data.length !== PAGE) throw new Error(`The page has ${data.length} items.`)
  return rounds
}

const rounds = await statementsOfOnePage()
const bare = createServer((_request, response) => {
  void (async () => {
    const answers: unknown[] = []
    for (const round of rounds) answers.push(await Promise.all(round.map(statement => database.read(statement))))
    const body = JSON.stringify({ data: answers.flat(2) })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })()
})
await new Promise<void>(resolve => bare.listen(0, '127.0.0.1', resolve))

const facts = {
  ours: `${ours.url}/v1/feed`,
  bare: `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`,
  statements: String(rounds.flat().length),
}
serveMeasured(facts, async () => {
  await ours.close()
  bare.closeAllConnections()
  await telemetry.shutdown()
  await service[Symbol.asyncDispose]()
})
