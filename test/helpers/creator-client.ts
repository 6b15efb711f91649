import type { ChannelsApi } from '#run-services/channels/contract.ts'
import type { Platform } from './platform.ts'

type Answer<Key extends keyof ChannelsApi> = ChannelsApi[Key]['answer']
export type CreatedChannel = Answer<'POST /v1/channels'>
export type StreamFacts = Answer<'GET /v1/streams/{id}'>
export type Ledger = Answer<'GET /v1/streams/{id}/ledger'>

export type Reply = { status: number; headers: Headers; body: unknown }

/** A creator as the API sees one; throws on an answer that is not 2xx, with its problem document. */
export type CreatorClient = {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  createChannel(settings?: Record<string, unknown>): Promise<CreatedChannel>
  liveStream(channelId: string): Promise<StreamFacts | undefined>
  stream(id: string): Promise<StreamFacts>
  streamsOf(channelId: string): Promise<readonly StreamFacts[]>
  ledger(id: string): Promise<Ledger>
  complete(id: string): Promise<StreamFacts>
}

/** Longest wait for one answer, in ms. */
const REQUEST_MS_MAX = 20_000

/** The address ffmpeg or OBS publishes to. */
export function publishUrl(platform: Platform, channel: CreatedChannel): string {
  return `${channel.ingest?.rtmp_url ?? platform.rtmpUrl}/${channel.stream_key.secret}`
}

export async function creatorClient(platform: Platform, sub = 'alice'): Promise<CreatorClient> {
  const token = await platform.token(sub)
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const response = await fetch(`${platform.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const must = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const reply = await send(method, path, body)
    if (reply.status >= 300)
      throw new Error(`${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`)
    return reply.body as Body
  }
  const streamsOf = async (channelId: string) =>
    (await must<Answer<'GET /v1/streams'>>('GET', `/v1/streams?channel=${channelId}`)).data
  return {
    send,
    createChannel: (settings = {}) => must('POST', '/v1/channels', { title: 'A test show', ...settings }),
    streamsOf,
    liveStream: async channelId => (await streamsOf(channelId)).find(({ state }) => state === 'live'),
    stream: id => must('GET', `/v1/streams/${id}`),
    ledger: id => must('GET', `/v1/streams/${id}/ledger`),
    complete: id => must('PUT', `/v1/streams/${id}/complete`),
  }
}
