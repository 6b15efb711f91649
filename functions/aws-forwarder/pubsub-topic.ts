import { Refusal } from '#shared/domain/refusal.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'
import type { ForwardedMessage } from './forwarded-message.ts'

export type PubsubTopicOptions = {
  /** Where Pub/Sub answers; a region's own address, so that a key's messages keep their order. */
  url: URL
  project: string
  topic: string
  /** Headers that say who calls; asked before every call. */
  authorize: () => Promise<Headers>
}

/** Publishes messages of one ordering key, all or none; resolves when Pub/Sub holds them. */
export type PublishMessages = (messages: readonly ForwardedMessage[], signal: AbortSignal) => Promise<void>

const CALL_MS_MAX = 5_000
const RETRIES = 2
const SERVER_FAULT = 500
const TOO_MANY = 429
/** Of an answer that went wrong, in characters. */
const DETAIL_MAX = 300

/** A topic through Pub/Sub's REST interface (`projects.topics.publish`), which needs no gRPC in a small function. */
export function pubsubTopic({ url, project, topic, authorize }: PubsubTopicOptions): PublishMessages {
  const at = new URL(`/v1/projects/${encodeURIComponent(project)}/topics/${encodeURIComponent(topic)}:publish`, url)
  const guarded = guardedCall({ name: 'Pub/Sub', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  return async (messages, signal) => {
    const body = JSON.stringify({
      messages: messages.map(({ orderingKey, attributes, data }) => ({
        orderingKey,
        attributes,
        data: Buffer.from(data).toString('base64'),
      })),
    })
    await guarded(async attempt => {
      const headers = await authorize()
      headers.set('content-type', 'application/json')
      const answer = await fetch(at, { method: 'POST', headers, body, signal: attempt, redirect: 'error' })
      const said = await answer.text()
      if (!answer.ok) throw failureOf(answer.status, said)
    }, signal)
  }
}

/** What another try may mend is an error; what stays as it is, is a refusal that no try follows. */
function failureOf(status: number, said: string): Error {
  const detail = `Pub/Sub answered ${status}: ${said.slice(0, DETAIL_MAX)}`
  if (status >= SERVER_FAULT || status === TOO_MANY) return new Error(detail)
  return new Refusal('request.malformed', { detail })
}
