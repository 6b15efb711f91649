/** The list of live shows twice over one database: the service with everything around it, and bare node:http with the same SQL. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Statement } from '../../../shared/ports/database/named-query.ts'
import { serveHttp } from '../../../shared/service/http-server.ts'
import { startTelemetry } from '../../../shared/service/telemetry.ts'
import { channelsService } from '../../helpers/channels-service.ts'
import { serveMeasured } from '../measured-child.ts'
import { seedShows } from '../seed-shows.ts'

/** Shows on the air: one full page of the default size. */
const SHOWS = 20

const telemetry = startTelemetry({ service: 'bench' })
const service = await channelsService()
const { database } = service
await seedShows(database, SHOWS)
const ours = await serveHttp({ fetch: service.app.fetch, port: 0, log: service.deps.log, name: 'list' })

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
  const response = await fetch(`${ours.url}/v1/streams?state=live`)
  const { data } = (await response.json()) as { data: unknown[] }
  database.read = read
  if (data.length !== SHOWS) throw new Error(`The page has ${data.length} shows.`)
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
  ours: `${ours.url}/v1/streams?state=live`,
  bare: `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`,
  statements: String(rounds.flat().length),
}
serveMeasured(facts, async () => {
  await ours.close()
  bare.closeAllConnections()
  await telemetry.shutdown()
  await service[Symbol.asyncDispose]()
})
