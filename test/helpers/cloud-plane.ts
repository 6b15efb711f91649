import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { freePort } from '#local/supervisor/free-port.ts'
import { PLANE_SOURCE, type ProviderEvent } from '#shared/domain/provider-event.ts'
import { rawEvent } from '#shared/domain/raw-event.ts'
import { reportedEvent } from '#shared/domain/reported-event.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { type CloudEntry, cloudEntry } from './cloud-entry.ts'
import { startEmulator } from './emulators/emulator-process.ts'
import { motoEmulator } from './emulators/moto-emulator.ts'
import { motoEventBus } from './emulators/moto-event-bus.ts'
import { googleIdentityFake } from './emulators/google-identity-fake.ts'
import { startSecretManagerFake } from './emulators/secret-manager-fake.ts'
import { type UnrulyProxy, unrulyProxy } from './emulators/unruly-proxy.ts'
import { eventually } from './eventually.ts'
import { type PostReceiver, postReceiver } from './post-receiver.ts'
import { tokenIssuer } from './token-issuer.ts'

const REGION = 'us-east-1'
const BUCKET = 'media'
const QUEUE = 'provider-events'
const PROJECT = 'showreel-emulated'
const PREFIX = 'showreel-test-'
/** The account of the one service that drives the plane. */
const PLANE_DRIVER = `test-channels@${PROJECT}.iam.gserviceaccount.com`
const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const PRELOAD = join(import.meta.dirname, 'google-without-tls-child.ts')
const START_MS_MAX = 30_000
const RECEIVE_MAX = 10

/** One ingest task of the cloud's plane. */
export type CloudTask = CloudEntry & {
  readonly ports: { plane: number; media: number; rtmp: number }
  /** A call of the control API in the name of an account of Google. */
  call(method: string, path: string, body?: unknown, account?: string): Promise<Response>
}

/** What the tasks of one region stand on, with the far end of their reports. */
export type CloudPlane = AsyncDisposable & {
  readonly store: ObjectStore
  /** Between the tasks and EventBridge. */
  readonly eventBridge: UnrulyProxy
  /** Cloud Monitoring, which takes everything. */
  readonly monitoring: PostReceiver
  task(id: string): Promise<CloudTask>
  /** Takes what waits in the queue; each fact once, in the order it was first heard. */
  heard(): Promise<readonly ProviderEvent[]>
}

/** moto's S3, EventBridge and SQS, a Secret Manager and an issuer, as one region of a deployment has them. */
export async function cloudPlane(): Promise<CloudPlane> {
  const parts = new AsyncDisposableStack()
  const moto = parts.use(await startEmulator(motoEmulator))
  const endpoint = `http://${moto.address}`
  const aws = { region: REGION, endpoint, credentials: CREDENTIALS }
  const s3 = new S3Client({ ...aws, forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  s3.destroy()
  const sqs = parts.adopt(new SQSClient(aws), client => client.destroy())
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: QUEUE }))
  const queueArn = `arn:aws:sqs:${REGION}:123456789012:${QUEUE}`
  await motoEventBus(endpoint).rule('plane', { source: [PLANE_SOURCE] }, queueArn)
  const eventBridge = parts.use(await unrulyProxy(endpoint))
  const google = parts.use(await tokenIssuer())
  const keys = ['stream-keys', 'playback-tokens'].map(
    name => [`projects/${PROJECT}/secrets/${PREFIX}${name}`, createHash('sha256').update(name).digest()] as const,
  )
  const secrets = parts.use(await startSecretManagerFake(new Map(keys)))
  const store = parts.use(s3ObjectStore({ bucket: BUCKET, ...aws, now: Date.now }))
  const exchange = parts.use(await googleIdentityFake(async () => ''))
  const monitoring = parts.use(await postReceiver(() => ({ status: 200, body: '{}' })))
  const facts = new Map<string, ProviderEvent>()

  return {
    store,
    eventBridge,
    monitoring,
    async task(id) {
      const metadata = parts.use(await taskMetadata(id))
      const ports = { plane: await freePort(), media: await freePort(), rtmp: await freePort() }
      const entry = cloudEntry('run-services/live/main.ts', {
        NODE_OPTIONS: `--import=${PRELOAD}`,
        SECRETS_FAKE: secrets.address,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url,
        ECS_CONTAINER_METADATA_URI_V4: metadata.url,
        MEDIA_BUCKET: BUCKET,
        STACK: 'test',
        GOOGLE_CLOUD_PROJECT: PROJECT,
        SECRETS_PREFIX: PREFIX,
        WORKLOAD_IDENTITY_AUDIENCE:
          '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws',
        TOKEN_URL: exchange.tokenUrl,
        METRICS_URL: monitoring.url,
        REGION: 'us-east4',
        CALLS_ISSUER: google.issuer,
        CALLS_KEYS: google.keysUrl,
        PLANE_ACCOUNT: '123456789012',
        PLANE_PORT: String(ports.plane),
        MEDIA_PORT: String(ports.media),
        RTMP_PORT: String(ports.rtmp),
        RTMP_URL: `rtmp://127.0.0.1:${ports.rtmp}/live`,
        LIVE_HOST: '127.0.0.1',
        PLANE_HOST: '127.0.0.1',
        LIVE_CORES: '2',
      })
      parts.use(entry)
      const base = `http://127.0.0.1:${ports.plane}`
      await eventually(
        async () => (await fetch(`${base}/readyz`).catch(() => undefined))?.status,
        status => expect(status, entry.output()).toBe(200),
        { withinMs: START_MS_MAX },
      )
      return {
        ...entry,
        ports,
        call: async (method, path, body, account = PLANE_DRIVER) =>
          await fetch(base + path, {
            method,
            headers: {
              authorization: `Bearer ${await google.sign('live', account)}`,
              'content-type': 'application/json',
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          }),
      }
    },
    async heard() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: RECEIVE_MAX }),
      )
      for (const { Body = '', ReceiptHandle } of Messages) {
        const event = reportedEvent(rawEvent.parse(JSON.parse(Body)) as ProviderEvent)
        if (!facts.has(event.id)) facts.set(event.id, event)
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      }
      return [...facts.values()]
    },
    [Symbol.asyncDispose]: async () => await parts.disposeAsync(),
  }
}

/** Where ECS tells a container which task it is part of. */
async function taskMetadata(id: string): Promise<AsyncDisposable & { url: string }> {
  const TaskARN = `arn:aws:ecs:${REGION}:123456789012:task/plane/${id}`
  const server = createServer((request, response) => {
    response
      .writeHead(request.url === '/v4/one/task' ? 200 : 404)
      .end(JSON.stringify({ TaskARN, Containers: [{ Networks: [{ IPv4Addresses: ['127.0.0.1'] }] }] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/one`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
