import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PLANE_SOURCE, type ProviderEvent, providerEvent } from '#shared/domain/provider-event.ts'
import { reportedEvent } from '#shared/domain/reported-event.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { eventbridgeReports } from '#shared/ports/reports/eventbridge-reports.ts'
import { httpReports } from '#shared/ports/reports/http-reports.ts'
import { missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { motoEventBus } from '../helpers/emulators/moto-event-bus.ts'
import { type UnrulyProxy, unrulyProxy } from '../helpers/emulators/unruly-proxy.ts'
import { planeReports } from '../helpers/plane-reports.ts'
import { type PostReceiver, postReceiver } from '../helpers/post-receiver.ts'
import { type ReportsUnderTest, reportsContract } from './reports.contract.ts'

const REGION = 'us-east-1'
const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
/** As the services have it: longer bodies are refused. */
const BODY_MAX = 300_000
/** More requests than a test makes. */
const ALL = 1_000_000

describe('httpReports', () => {
  let receiver: PostReceiver
  let isAway = false
  const heard: ProviderEvent[] = []
  beforeAll(async () => {
    receiver = await postReceiver(({ body }) => {
      if (isAway) return { status: 503 }
      const { data } = (body as PushEnvelope).message
      if (data.length > BODY_MAX) return { status: 413 }
      heard.push(providerEvent.parse(JSON.parse(Buffer.from(data, 'base64').toString())))
      return { status: 204 }
    })
  })
  afterAll(async () => await receiver[Symbol.asyncDispose]())
  const reports = () => httpReports({ url: new URL(`${receiver.url}/push`), sign: async () => 'signed', now: () => 0 })

  reportsContract(() => ({
    reports: reports(),
    heard: async () => heard,
    away: away => {
      isAway = away
    },
  }))
})

const missing = missingEmulator(motoEmulator)

describe.skipIf(missing !== undefined)(
  `eventbridgeReports on moto${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    const parts = new AsyncDisposableStack()
    let under: ReportsUnderTest
    beforeAll(async () => {
      const endpoint = `http://${parts.use(await startEmulator(motoEmulator)).address}`
      const sqs = parts.adopt(new SQSClient({ region: REGION, endpoint, credentials: CREDENTIALS }), each =>
        each.destroy(),
      )
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'reports' }))
      await motoEventBus(endpoint).rule(
        'plane',
        { source: [PLANE_SOURCE] },
        `arn:aws:sqs:${REGION}:123456789012:reports`,
      )
      const proxy: UnrulyProxy = parts.use(await unrulyProxy(endpoint))
      const reports = parts.use(eventbridgeReports({ region: REGION, credentials: CREDENTIALS, endpoint: proxy.url }))
      const heard: ProviderEvent[] = []
      under = {
        reports,
        away: away => proxy.throttle(away ? ALL : 0),
        async heard() {
          const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
          for (const { Body = '', ReceiptHandle } of Messages) {
            heard.push(reportedEvent(providerEvent.parse(JSON.parse(Body))))
            await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
          }
          return heard
        },
      }
    })
    afterAll(async () => await parts.disposeAsync())

    reportsContract(() => under)
  },
)

type Entry = { Detail: string; Source: string; DetailType: string; Resources: string[] }

/** EventBridge as its API reference describes `PutEvents`, with the test's word for each entry. */
async function scriptedBus(codeOf: (entry: Entry) => string | undefined) {
  const requests: Entry[][] = []
  const server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
      const { Entries } = JSON.parse(body) as { Entries: Entry[] }
      requests.push(Entries)
      const answers = Entries.map((entry, index) => {
        const ErrorCode = codeOf(entry)
        return ErrorCode === undefined ? { EventId: `id-${index}` } : { ErrorCode, ErrorMessage: 'No.' }
      })
      const FailedEntryCount = answers.filter(answer => 'ErrorCode' in answer).length
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(JSON.stringify({ Entries: answers, FailedEntryCount }))
    })()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const reports = eventbridgeReports({ region: REGION, credentials: CREDENTIALS, endpoint })
  return {
    reports,
    requests,
    async [Symbol.asyncDispose]() {
      reports[Symbol.dispose]()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const named = (characters: number, s: number): ProviderEvent => {
  const event = planeReports('pchn_one', `play_${s}`).over(1, s)
  return { ...event, detail: { ...event.detail, channel_name: 'x'.repeat(characters) } } as ProviderEvent
}
const options = { attempt: 1, signal: new AbortController().signal }

describe('eventbridgeReports where a request half succeeds', () => {
  test('each entry has its own verdict: taken, to be told later, or never', async () => {
    const codes = [undefined, 'ThrottlingException', 'MalformedDetail', 'NotAuthorizedForSourceException', undefined]
    let seen = -1
    await using bus = await scriptedBus(() => codes[(seen += 1)])
    const verdicts = await bus.reports.tell(
      codes.map((_, s) => named(10, s)),
      options,
    )
    expect(verdicts).toEqual(['taken', 'later', 'refused', 'later', 'taken'])
  })

  test('no request holds more than ten entries or 256 KB, in order, and each event is in one', async () => {
    await using bus = await scriptedBus(() => undefined)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 270_000 }), { minLength: 1, maxLength: 25 }), async sizes => {
        bus.requests.length = 0
        const verdicts = await bus.reports.tell(sizes.map(named), options)
        for (const request of bus.requests) {
          expect(request.length).toBeLessThanOrEqual(10)
          const bytes = request.map(({ Detail, DetailType, Source, Resources }) =>
            [Detail, DetailType, Source, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 14),
          )
          expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(262_144)
        }
        const lengths = bus.requests
          .flat()
          .map(({ Detail }) => (JSON.parse(Detail) as { channel_name: string }).channel_name.length)
        expect(lengths).toEqual(sizes.filter((_, index) => verdicts[index] === 'taken'))
        expect(verdicts.filter((_, index) => (sizes[index] ?? 0) < 261_000)).not.toContain('refused')
      }),
      { numRuns: 20 },
    )
  })
})
