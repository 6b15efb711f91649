/** An event as `PutEvents` takes it; EventBridge gives it its id. */
export type PutEvent = {
  source: string
  'detail-type': string
  resources: readonly string[]
  detail: unknown
}

/** The default event bus of one region of moto_server. */
export type MotoEventBus = {
  /** A rule that leads what its pattern catches to the queue. */
  rule(name: string, pattern: object, queueArn: string): Promise<void>
  put(...events: readonly PutEvent[]): Promise<void>
}

const REGION = 'us-east-1'
/** moto_server reads the service off the credential's scope and checks no signature. */
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=emulator/20260101/${REGION}/events/aws4_request, SignedHeaders=host, Signature=0`

/** The whole envelope, as EventBridge hands it to a target by itself; moto_server's own template lacks the account. */
const ENVELOPE =
  '{"version":"0","id":"<id>","account":"<account>","time":<time>,"region":"<region>","source":"<source>",' +
  '"detail-type":"<detail-type>","resources":<resources>,"detail":<detail>}'

/** EventBridge's own JSON protocol (`AWSEvents`), which needs no client library for three verbs. */
export function motoEventBus(endpoint: string): MotoEventBus {
  const call = async (verb: string, input: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: AUTHORIZATION,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSEvents.${verb}`,
      },
      body: JSON.stringify(input),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${verb}: ${answer.status} ${text}`)
    return JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>
  }
  return {
    async rule(name, pattern, queueArn) {
      await call('PutRule', { Name: name, EventPattern: JSON.stringify(pattern) })
      await call('PutTargets', {
        Rule: name,
        Targets: [{ Id: 'queue', Arn: queueArn, InputTransformer: { InputTemplate: ENVELOPE } }],
      })
    },
    async put(...events) {
      const Entries = events.map(event => ({
        Source: event.source,
        DetailType: event['detail-type'],
        Resources: event.resources,
        Detail: JSON.stringify(event.detail),
      }))
      const said = await call('PutEvents', { Entries })
      if (said['FailedEntryCount'] !== 0) throw new Error(`PutEvents: ${JSON.stringify(said)}`)
    },
  }
}
