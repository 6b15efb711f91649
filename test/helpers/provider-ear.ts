import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ProviderEvent, ProviderEventOf } from '#shared/domain/provider-event.ts'
import { providerEvent } from '#shared/domain/provider-event.ts'
import type { PushEnvelope } from '#shared/ports/event-bus/event-bus.ts'

/** The control plane's side of the hand-off: acknowledges provider events and remembers each once. */
export type ProviderEar = AsyncDisposable & {
  readonly url: string
  /** Each fact once, in the order it was first heard. */
  events(): readonly ProviderEvent[]
  /** Stream and recording events of a channel by name, segments as `Segment Stored <seq>`; health left out. */
  names(ref: string): string[]
  segments(ref: string): ProviderEventOf<'Segment Stored'>['detail']['segment'][]
  /** Answers 503 until told otherwise. */
  deaf(deaf: boolean): void
}

/** Listens as `media-events` does. */
export async function providerEar(): Promise<ProviderEar> {
  const heard = new Map<string, ProviderEvent>()
  let isDeaf = false
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (isDeaf || !request.headers.authorization?.startsWith('Bearer ')) return response.writeHead(503).end()
      const { message } = JSON.parse(Buffer.concat(chunks).toString()) as PushEnvelope
      const event = providerEvent.parse(JSON.parse(Buffer.from(message.data, 'base64').toString()))
      if (!heard.has(event.id)) heard.set(event.id, event)
      return response.writeHead(204).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const of = (ref: string) => [...heard.values()].filter(event => event.resources[0] === ref)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push/media-events--provider`,
    events: () => [...heard.values()],
    names: ref =>
      of(ref).flatMap(event => {
        if (event['detail-type'] === 'Segment Stored') return `Segment Stored ${event.detail.segment.seq}`
        return event['detail-type'] === 'Stream Health Change' ? [] : event.detail.event_name
      }),
    segments: ref => of(ref).flatMap(event => (event['detail-type'] === 'Segment Stored' ? event.detail.segment : [])),
    deaf: deaf => {
      isDeaf = deaf
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
