import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { ProviderEvent } from '#shared/domain/provider-event.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'
import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'
import { httpReports } from '#shared/ports/reports/http-reports.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { planeRig } from '#test/helpers/plane-rig.ts'
import { EventSpool } from './event-spool.ts'
import { providerReports } from './provider-reports.ts'
import { sendSpool } from './spool-sender.ts'

type Heard = { ref: string; id: string; authorization: string | undefined }

/** A control plane that answers what `status` says and remembers what it acknowledged. */
async function listener(status: (heard: Heard, attempt: number) => number) {
  const acknowledged: Heard[] = []
  let calls = 0
  const server = createServer((request, response) => {
    void bodyOf(request).then(text => {
      const { message, deliveryAttempt } = JSON.parse(text) as PushEnvelope
      const event = JSON.parse(Buffer.from(message.data, 'base64').toString()) as ProviderEvent
      const heard = { ref: message.orderingKey, id: event.id, authorization: request.headers.authorization }
      calls += 1
      const code = status(heard, deliveryAttempt)
      if (code < 300) acknowledged.push(heard)
      response.writeHead(code).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/push/media-events--provider`)
  return { url, acknowledged, calls: () => calls }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function eventsOf(ref: string, count: number): ProviderEvent[] {
  const show = { ref, channelName: 'Test', streamId: `play_${ref}`, traceparent: () => undefined }
  const reports = providerReports(show, { account: 'test', region: 'test' }, () => 0)
  return Array.from({ length: count }, (_, epoch) => reports.streamEnd(epoch, 'rtmp', 'unpublished'))
}

function sending(rig: Awaited<ReturnType<typeof planeRig>>, spool: EventSpool, url: URL): () => Promise<void> {
  const stop = new AbortController()
  const sign = () => Promise.resolve('signed')
  const reports = httpReports({ url, sign, now: rig.now })
  const done = sendSpool({ spool, reports, random: () => 0, log: rig.log, signal: stop.signal })
  const end = async () => {
    stop.abort()
    await done
  }
  onTestFinished(end)
  return end
}

test('events of a channel are told in order, signed, and only forgotten once acknowledged', async () => {
  await using rig = await planeRig()
  const failedOnce = new Set<string>()
  const { url, acknowledged } = await listener(({ id }) => {
    if (failedOnce.has(id)) return 204
    failedOnce.add(id)
    return 503
  })
  const [one, two] = [eventsOf('pchn_one', 3), eventsOf('pchn_two', 3)]
  sending(rig, rig.spool, url)
  for (const [index, event] of one.entries())
    await Promise.all([rig.spool.append(event), rig.spool.append(two[index] ?? event)])
  await eventually(() => expect(acknowledged).toHaveLength(6))
  expect(acknowledged.filter(({ ref }) => ref === 'pchn_one').map(({ id }) => id)).toEqual(one.map(({ id }) => id))
  expect(acknowledged[0]?.authorization).toBe('Bearer signed')
  await eventually(async () => expect(await rig.told()).toEqual([]))
})

test('what a dead process could not tell is told by the next one', async () => {
  await using before = await planeRig()
  const events = eventsOf('pchn_one', 5)
  for (const event of events) await before.spool.append(event)
  await using after = await planeRig({ directory: before.directory })
  const { url, acknowledged } = await listener(() => 204)
  await after.spool.recover()
  sending(after, after.spool, url)
  await eventually(() => expect(acknowledged.map(({ id }) => id)).toEqual(events.map(({ id }) => id)))
})

test('an event that is refused as malformed is set aside and its channel goes on', async () => {
  await using rig = await planeRig()
  const [poison, ...others] = eventsOf('pchn_one', 3)
  const { url, acknowledged } = await listener(({ id }) => {
    return id === poison?.id ? 422 : 204
  })
  const impatient = new EventSpool({
    store: rig.store,
    owner: 'live-1',
    now: rig.now,
    random: () => 0,
    signal: AbortSignal.timeout(60_000),
  })
  sending(rig, impatient, url)
  for (const event of [poison, ...others]) if (event) await impatient.append(event)
  await eventually(() => expect(acknowledged.map(({ id }) => id)).toEqual(others.map(({ id }) => id)))
  const dead: string[] = []
  for await (const { key } of rig.store.list('plane/spool-dead/')) dead.push(key)
  expect(dead).toHaveLength(1)
})

test('events outlive a full store in memory and are stored in order when it has room again', async () => {
  await using rig = await planeRig()
  let full = true
  const store = {
    ...rig.store,
    put: ((key, body, options) => {
      if (full) return Promise.reject(new ObjectStoreError('full', key, 'No room.'))
      return rig.store.put(key, body, options)
    }) satisfies typeof rig.store.put,
  }
  const spool = new EventSpool({
    store,
    owner: 'live-1',
    now: rig.now,
    random: () => 0,
    signal: AbortSignal.timeout(60_000),
  })
  const events = eventsOf('pchn_one', 3)
  const stored = Promise.all(events.map(event => spool.append(event)))
  await eventually(() => expect(spool.counts().unwritten).toBe(3))
  full = false
  await stored
  expect((await rig.told()).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
})

test('the spool of a dead instance is adopted, that of a live one is left alone', async () => {
  await using one = await planeRig({ owner: 'live-1' })
  await one.spool.append(eventsOf('pchn_one', 1)[0] ?? failed())
  await using other = await planeRig({ owner: 'live-2', directory: one.directory })
  await other.spool.recover()
  expect(other.spool.counts().waiting).toBe(0)
  other.clock.ms += 61_000
  await other.spool.recover()
  expect(other.spool.counts().waiting).toBe(1)
})

function failed(): never {
  throw new Error('There is no event.')
}
