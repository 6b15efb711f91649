import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { freePort } from '#local/supervisor/free-port.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChannelAnswer } from '#run-services/channels/channel-answer.ts'
import type { StreamAnswer } from '#run-services/channels/stream-answer.ts'
import { awsEvent } from '#shared/domain/aws-event.ts'
import { PLANE_SOURCE, type ProviderEvent } from '#shared/domain/provider-event.ts'
import { eventbridgeReports } from '#shared/ports/reports/eventbridge-reports.ts'
import type { Reports } from '#shared/ports/reports/reports.ts'
import { type ChannelsService, channelsService, type Reply } from '../helpers/channels-service.ts'
import { type CloudEntry, cloudEntry } from '../helpers/cloud-entry.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { type MotoEventBus, motoEventBus } from '../helpers/emulators/moto-event-bus.ts'
import { pubsubPush } from '../helpers/emulators/pubsub-push.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { pollOnce } from '../helpers/emulators/queue-poller.ts'
import { type UnrulyProxy, unrulyProxy } from '../helpers/emulators/unruly-proxy.ts'
import { eventually } from '../helpers/eventually.ts'
import { type ForwarderBundle, forwarderBundle } from '../helpers/forwarder-bundle.ts'
import { atS, planeReports } from '../helpers/plane-reports.ts'
import { postReceiver } from '../helpers/post-receiver.ts'
import { type TokenIssuer, tokenIssuer } from '../helpers/token-issuer.ts'

const PROJECT = 'showreel-emulated'
const TOPIC = 'provider-events'
const PUSHER = 'test-pusher@showreel-emulated.iam.gserviceaccount.com'
const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const ON_THE_BUS = 'typed and on the bus'
/** How soon the queue offers again what was not deleted, in s; 180 in a deployment. */
const VISIBILITY_S = '1'
const missing = [motoEmulator, pubsubServiceEmulator].map(missingEmulator).find(sentence => sentence !== undefined)

/** When the first message passed each place, in ms since the epoch; a test starts it anew. */
const hops = new Map<string, number>()
const pass = (place: string, atMs = Date.now()) => {
  if (!hops.has(place)) hops.set(place, atMs)
}

type Envelope = { message: { data: string; publishTime: string; attributes: Record<string, string> } }

describe.skipIf(missing !== undefined)(`AWS to channels${missing === undefined ? '' : `: ${missing}`}`, () => {
  const parts = new AsyncDisposableStack()
  let moto: EmulatorProcess
  let pubsub: UnrulyProxy
  let events: MotoEventBus
  let sqs: SQSClient
  let queueUrl: string
  let forwarder: ForwarderBundle
  let mediaEvents: CloudEntry
  let google: TokenIssuer
  let port: string
  let channels: ChannelsService
  let plane: Reports

  beforeAll(async () => {
    moto = parts.use(await startEmulator(motoEmulator))
    const endpoint = `http://${moto.address}`
    sqs = parts.adopt(new SQSClient({ region: 'us-east-1', endpoint, credentials: CREDENTIALS }), client =>
      client.destroy(),
    )
    const made = await sqs.send(
      new CreateQueueCommand({ QueueName: TOPIC, Attributes: { VisibilityTimeout: VISIBILITY_S } }),
    )
    queueUrl = made.QueueUrl ?? ''
    events = motoEventBus(endpoint)
    for (const { shape } of awsEvent.options) {
      const says = shape['detail-type'].value
      const pattern = { source: [shape.source.value], 'detail-type': [says] }
      await events.rule(says.replaceAll(' ', '-'), pattern, `arn:aws:sqs:us-east-1:123456789012:${TOPIC}`)
    }
    await events.rule('plane', { source: [PLANE_SOURCE] }, `arn:aws:sqs:us-east-1:123456789012:${TOPIC}`)
    plane = parts.use(eventbridgeReports({ region: 'us-east-1', endpoint, credentials: CREDENTIALS }))

    channels = parts.use(await channelsService())
    const toChannels = parts.use(
      await postReceiver(async ({ path, body }) => {
        pass('pushed to channels')
        return { status: (await channels.service(path, body)).status }
      }),
    )
    const emulator = parts.use(await startEmulator(pubsubServiceEmulator))
    google = parts.use(await tokenIssuer())
    port = String(await freePort())
    mediaEvents = parts.use(
      cloudEntry('functions/media-events/main.ts', {
        PORT: port,
        LOG_LEVEL: 'warn',
        GOOGLE_CLOUD_PROJECT: PROJECT,
        REGION: 'us-east4',
        PUBSUB_EMULATOR_HOST: emulator.address,
        METADATA_SERVER_DETECTION: 'none',
        PUSH_SIGNER: PUSHER,
        CALLS_ISSUER: google.issuer,
        CALLS_KEYS: google.keysUrl,
      }),
    )
    // Google signs a push; its emulator does not, so this hands each one on signed.
    const signed = parts.use(
      await postReceiver(async ({ path, body }) => {
        const { message } = body as Envelope
        pass('in the queue', Number(message.attributes['queued_at_ms']))
        pass('forwarded', Number(message.attributes['forwarded_at_ms']))
        pass('pushed to media-events')
        const { status } = await fetch(`http://127.0.0.1:${port}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${await google.sign('media-events', PUSHER)}`,
          },
          body: JSON.stringify(body),
        })
        pass(ON_THE_BUS)
        return { status }
      }),
    )
    const push = { url: `http://${emulator.address}`, project: PROJECT }
    await pubsubPush({
      ...push,
      topic: TOPIC,
      subscription: 'media-events--provider',
      endpoint: `${signed.url}/push/media-events--provider`,
    })
    await pubsubPush({
      ...push,
      topic: 'media-events',
      subscription: 'channels--media',
      endpoint: `${toChannels.url}/push/channels--media`,
    })
    await eventually(
      async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status,
      status => expect(status, mediaEvents.output()).toBe(200),
      { withinMs: 30_000 },
    )
    pubsub = parts.use(await unrulyProxy(`http://${emulator.address}`))
    forwarder = parts.use(
      await forwarderBundle({
        PUBSUB_PROJECT: PROJECT,
        PUBSUB_TOPIC: TOPIC,
        PUBSUB_URL: pubsub.url,
        LOG_LEVEL: 'error',
      }),
    )
  })
  afterAll(async () => await parts.disposeAsync())

  const poll = async () => await pollOnce(sqs, queueUrl, forwarder.handler)
  const waiting = async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    )
    return (
      Number(Attributes?.['ApproximateNumberOfMessages']) +
      Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'])
    )
  }
  const newChannel = async () => {
    const call = channels.as('alice')
    const { body } = (await call('POST', '/v1/channels', { title: 'A show' })) as Reply<ChannelAnswer>
    const streams = async () =>
      ((await call('GET', `/v1/streams?channel=${body.id}`)).body as { data: StreamAnswer[] }).data
    return { ref: `ref-${body.id}`, streams }
  }
  const change = (ref: string, event_name: string) => ({
    source: 'aws.ivs',
    'detail-type': 'IVS Stream State Change',
    resources: [ref],
    detail: { event_name, channel_name: 'A show', stream_id: `st-${ref.slice(-20)}` },
  })
  const waitsFor = async (streams: () => Promise<StreamAnswer[]>, state: string) =>
    await eventually(streams, all => expect(all.map(stream => stream.state)).toEqual([state]))

  test('a show that IVS tells EventBridge of is live here, and every hop is timed', async () => {
    const { ref, streams } = await newChannel()
    hops.clear()
    pass('event put')
    await events.put(change(ref, 'Stream Start'))
    await eventually(poll, ({ received }) => expect(received).toBe(1))
    const [stream] = await waitsFor(streams, 'live')
    pass('committed by channels')
    expect(stream).toMatchObject({ state: 'live', epoch: 1 })
    expect(await waiting()).toBe(0)
    const table = timed()
    // That the bus holds it is told by an answer, which may come after the bus has handed it on.
    expect(hops.has(ON_THE_BUS)).toBe(true)
    expect(table.map(({ name }) => name).filter(name => name !== ON_THE_BUS)).toEqual([
      'event put',
      'in the queue',
      'forwarded',
      'pushed to media-events',
      'pushed to channels',
      'committed by channels',
    ])
    process.stdout.write(`${table.map(({ name, ms }) => `${String(ms).padStart(6)} ms  ${name}`).join('\n')}\n`)
    await events.put(change(ref, 'Stream End'))
    await eventually(poll, ({ received }) => expect(received).toBe(1))
    await waitsFor(streams, 'reconnecting')
  })

  test('a push that nobody signed, or another account did, is refused and changes nothing', async () => {
    const forged = await tokenIssuer()
    const post = async (headers: Record<string, string>) =>
      (await fetch(`http://127.0.0.1:${port}/push/media-events--provider`, { method: 'POST', headers, body: '{}' }))
        .status
    const bearer = async (issuer: typeof forged, account: string) => ({
      authorization: `Bearer ${await issuer.sign('media-events', account)}`,
    })
    expect(await post({})).toBe(401)
    expect(await post(await bearer(forged, PUSHER))).toBe(401)
    expect(await post(await bearer(google, 'somebody@else.iam.gserviceaccount.com'))).toBe(401)
    await forged[Symbol.asyncDispose]()
  })

  test('of a batch only what failed stays in the queue, and what Pub/Sub refused for a while arrives later', async () => {
    const { ref, streams } = await newChannel()
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '{"not": "an event"}' }))
    await events.put(change(ref, 'Stream Start'))
    pubsub.throttle(1_000)
    const away = await eventually(poll, ({ received }) => expect(received).toBe(2))
    expect(away.stayed).toHaveLength(2)
    expect(await waiting()).toBe(2)
    pubsub.throttle(0)
    const back = await eventually(poll, ({ received }) => expect(received).toBe(2))
    expect(back.stayed).toHaveLength(1)
    await waitsFor(streams, 'live')
    expect(await waiting()).toBe(1)
    await sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl }))
  })

  test('what our own plane tells twice, under two ids of EventBridge, has one effect, to the millisecond', async () => {
    const { ref, streams } = await newChannel()
    const reports = planeReports(ref, `play_${'h'.repeat(26)}`)
    const options = { attempt: 1, signal: AbortSignal.timeout(30_000) }
    const both = async (event: ProviderEvent) => {
      for (let copy = 0; copy < 2; copy += 1) {
        expect(await plane.tell([event], options)).toEqual(['taken'])
        await eventually(poll, ({ received }) => expect(received).toBe(1))
      }
    }
    await both(reports.started(1, 0.123))
    const [live] = await waitsFor(streams, 'live')
    expect(live?.started_at).toBe(atS(0.123))
    await both(reports.over(1, 2))
    const [stream] = await waitsFor(streams, 'ended')
    const told = (await channels.events(stream?.id ?? '')).map(({ type }) => type)
    expect(told).toEqual(['stream.started', 'ingest.connected', 'ingest.disconnected', 'stream.ended'])
  })

  test('an event that the queue, the forwarder and Pub/Sub each double has one effect', async () => {
    const { ref, streams } = await newChannel()
    const body = JSON.stringify({
      version: '0',
      id: 'd0b1ed00-0000-4000-8000-000000000001',
      account: '123456789012',
      region: 'us-east-1',
      time: new Date().toISOString(),
      ...change(ref, 'Stream Start'),
    })
    for (let copy = 0; copy < 3; copy += 1) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }))
      pubsub.loseAnswers(copy)
      await eventually(poll, ({ received }) => expect(received).toBe(1))
    }
    expect(pubsub.lost()).toBeGreaterThan(0)
    await events.put(change(ref, 'Session Ended'))
    await eventually(poll, ({ received }) => expect(received).toBe(1))
    const [stream] = await waitsFor(streams, 'ended')
    const told = (await channels.events(stream?.id ?? '')).map(({ type }) => type)
    expect(told).toEqual(['stream.started', 'ingest.connected', 'ingest.disconnected', 'stream.ended'])
  })
})

/** Each place with the time since the one before, in ms. */
function timed(): { name: string; ms: number }[] {
  const inOrder = [...hops].toSorted(([, a], [, b]) => a - b)
  return inOrder.map(([name, atMs], index) => ({ name, ms: atMs - (inOrder[index - 1]?.[1] ?? atMs) }))
}
