import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'

type Handler = (event: SQSEvent, context: { getRemainingTimeInMillis: () => number }) => Promise<SQSBatchResponse>

/** Messages of one batch, as `infra/handoff.ts` sets it. */
const BATCH = 10
const CALL_MS_MAX = 29_000

/**
 * One turn of Lambda's event source mapping with `ReportBatchItemFailures`: a batch is received and handed to the
 * function, and what the answer does not name is deleted. Gives how many came and which stayed.
 */
export async function pollOnce(
  sqs: SQSClient,
  queueUrl: string,
  handler: Handler,
): Promise<{ received: number; stayed: readonly string[] }> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: BATCH,
      MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
    }),
  )
  if (Messages.length === 0) return { received: 0, stayed: [] }
  const Records = Messages.map(
    ({ MessageId = '', ReceiptHandle = '', Body = '', Attributes }) =>
      ({
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        attributes: { SentTimestamp: Attributes?.SentTimestamp ?? '' },
        eventSource: 'aws:sqs',
      }) as SQSRecord,
  )
  const { batchItemFailures } = await handler({ Records }, { getRemainingTimeInMillis: () => CALL_MS_MAX })
  const stayed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const Entries = Records.filter(({ messageId }) => !stayed.has(messageId)).map(({ messageId, receiptHandle }) => ({
    Id: messageId,
    ReceiptHandle: receiptHandle,
  }))
  if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
  return { received: Records.length, stayed: [...stayed] }
}
