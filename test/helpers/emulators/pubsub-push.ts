/** The emulator's REST face, which needs no client library for topics and pushes. */
type PushOptions = {
  /** `http://<address>` of the emulator. */
  url: string
  project: string
  topic: string
  subscription: string
  /** Where messages are POSTed. The emulator signs nothing. */
  endpoint: string
}

const ACK_DEADLINE_S = 30

/** A topic with one ordered push subscription, as `infra/bus.ts` makes them. */
export async function pubsubPush({ url, project, topic, subscription, endpoint }: PushOptions): Promise<void> {
  const name = `projects/${project}/topics/${topic}`
  await make(`${url}/v1/${name}`, {})
  await make(`${url}/v1/projects/${project}/subscriptions/${subscription}`, {
    topic: name,
    ackDeadlineSeconds: ACK_DEADLINE_S,
    enableMessageOrdering: true,
    pushConfig: { pushEndpoint: endpoint },
    retryPolicy: { minimumBackoff: '0.1s', maximumBackoff: '1s' },
  })
}

async function make(at: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(at, { method: 'PUT', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${at}: ${answer.status} ${await answer.text()}`)
}
