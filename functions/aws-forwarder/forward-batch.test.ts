import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SQSRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { createLog } from '#shared/service/log.ts'
import { postReceiver } from '#test/helpers/post-receiver.ts'
import { forwardBatch } from './forward-batch.ts'
import { pubsubTopic } from './pubsub-topic.ts'

const recorded = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../test/fixtures/provider-events/${name}.json`), 'utf8')
const recordOf = (messageId: string, body: string) =>
  ({ messageId, body, attributes: { SentTimestamp: '1700000000000' } }) as SQSRecord
type Published = { messages: { orderingKey: string; attributes: Record<string, string>; data: string }[] }

test('events go on by key in the order of their own time; what is no event, or is refused, stays in the queue', async () => {
  await using bus = await postReceiver(({ body }) => ({
    status: (body as Published).messages[0]?.orderingKey.startsWith('17') === true ? 403 : 200,
  }))
  const publish = pubsubTopic({
    url: new URL(bus.url),
    project: 'p',
    topic: 'provider-events',
    authorize: async () => new Headers({ authorization: 'Bearer t' }),
  })
  const deps = { publish, log: createLog({ service: 'aws-forwarder', level: 'silent' }), now: () => 1_700_000_000_500 }
  const Records = [
    recordOf('end', recorded('ivs-stream-end')),
    recordOf('start', recorded('ivs-stream-start')),
    recordOf('poison', '{"not": "an event"}'),
    recordOf('refused', recorded('mediaconvert-complete')),
    recordOf('segment', recorded('s3-recorded-segment')),
  ]
  const { batchItemFailures } = await forwardBatch(deps, { Records }, AbortSignal.timeout(10_000))
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['poison', 'refused'])
  const show = bus.received.find(({ body }) => (body as Published).messages.length === 3)
  if (show === undefined) throw new Error('Nothing was published.')
  expect(show.path).toBe('/v1/projects/p/topics/provider-events:publish')
  const messages = (show.body as Published).messages
  expect(messages.map(({ data }) => Buffer.from(data, 'base64').toString())).toEqual([
    recorded('ivs-stream-start'),
    recorded('s3-recorded-segment'),
    recorded('ivs-stream-end'),
  ])
  expect(messages[0]?.attributes).toMatchObject({
    event_id: (JSON.parse(recorded('ivs-stream-start')) as { id: string }).id,
    queued_at_ms: '1700000000000',
    forwarded_at_ms: '1700000000500',
  })
})
