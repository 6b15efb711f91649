import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { createLog } from '#shared/service/log.ts'
import { awsWorkloadIdentity } from './aws-workload-identity.ts'
import { forwardBatch } from './forward-batch.ts'
import { pubsubTopic } from './pubsub-topic.ts'
import { forwarderSettings } from './settings.ts'

/** Kept for the answer before Lambda ends the call, in ms. */
const MARGIN_MS = 1_000

const settings = forwarderSettings.read(process.env)
const { project, topic, pubsubUrl, audience } = settings
const authorize = audience === '' ? async () => new Headers() : awsWorkloadIdentity({ audience })
const deps = {
  publish: pubsubTopic({ url: pubsubUrl, project, topic, authorize }),
  log: createLog({ service: 'aws-forwarder', level: settings.logLevel }),
  now: Date.now,
}

/** What Lambda calls with each batch of the queue. */
export async function handler(
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<SQSBatchResponse> {
  const leftMs = Math.max(MARGIN_MS, context.getRemainingTimeInMillis() - MARGIN_MS)
  return await forwardBatch(deps, event, AbortSignal.timeout(leftMs))
}
