import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { PLANE_SOURCE } from '#shared/domain/provider-event.ts'
import { pause } from '#shared/service/pause.ts'
import { motoEventBus } from './moto-event-bus.ts'
import { MOTO_CREDENTIALS, MOTO_REGION } from './moto-bucket.ts'
import { pollOnce } from './queue-poller.ts'
import { forwarderBundle } from '../forwarder-bundle.ts'

type Options = {
  /** Of AWS, as moto_server makes it. */
  aws: string
  project: string
  /** Of Pub/Sub's emulator, `host:port`. */
  pubsub: string
}

const TOPIC = 'provider-events'
/** moto_server's own account. */
const ACCOUNT = '123456789012'
/** Between two looks into an empty queue, in ms; Lambda waits for messages instead. */
const LOOK_EVERY_MS = 50
/** After a turn that failed, in ms. */
const AGAIN_AFTER_MS = 500

/**
 * The way of the media plane's reports from AWS to Google, as it is deployed: EventBridge's rule, the queue, and the
 * forwarder's own bundle, called as Lambda calls it, which publishes on the topic. Ends with `parts`.
 */
export async function startHandOff(parts: AsyncDisposableStack, { aws, project, pubsub }: Options): Promise<void> {
  const sqs = new SQSClient({ region: MOTO_REGION, endpoint: aws, credentials: MOTO_CREDENTIALS })
  parts.defer(() => sqs.destroy())
  const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: TOPIC }))
  const queueArn = `arn:aws:sqs:${MOTO_REGION}:${ACCOUNT}:${TOPIC}`
  await motoEventBus(aws).rule('plane-reports', { source: [PLANE_SOURCE] }, queueArn)
  const { handler } = parts.use(
    await forwarderBundle({
      PUBSUB_PROJECT: project,
      PUBSUB_TOPIC: TOPIC,
      PUBSUB_URL: `http://${pubsub}`,
    }),
  )
  const stopped = new AbortController()
  const turns = async () => {
    while (!stopped.signal.aborted) {
      try {
        const { received } = await pollOnce(sqs, queueUrl, handler)
        if (received === 0) await pause(LOOK_EVERY_MS, stopped.signal)
      } catch {
        // What was not deleted is offered again.
        await pause(AGAIN_AFTER_MS, stopped.signal)
      }
    }
  }
  const ended = turns()
  parts.defer(async () => {
    stopped.abort()
    await ended
  })
}
