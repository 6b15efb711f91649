import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { typedEvent } from '#functions/media-events/typed-event.ts'
import type { ChannelAnswer } from '#run-services/channels/channel-answer.ts'
import type { StreamAnswer, StreamLedgerAnswer } from '#run-services/channels/stream-answer.ts'
import type { CreatedStreamKeyAnswer } from '#run-services/channels/stream-key-answer.ts'
import type { EventOf } from '#shared/domain/domain-event.ts'
import { rawEvent } from '#shared/domain/raw-event.ts'
import { ivsLiveChannels } from '#shared/ports/live-channels/ivs-live-channels.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import type { Wake } from '#shared/ports/task-queue/task-queue.ts'
import { sqsTaskQueue } from '#shared/ports/task-queue/sqs-task-queue.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { createLog } from '#shared/service/log.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { type ChannelsService, channelsService, type Reply } from './channels-service.ts'
import { cloudEntry } from './cloud-entry.ts'
import { startEmulator } from './emulators/emulator-process.ts'
import { googleIdentityFake } from './emulators/google-identity-fake.ts'
import { IVS_ACCOUNT, IVS_REGION, type IvsFake, ivsFake, type IvsPublisher } from './emulators/ivs-fake.ts'
import { ivsRecorder, type IvsRecorder } from './emulators/ivs-recorder.ts'
import { motoEmulator } from './emulators/moto-emulator.ts'
import { markedMedia } from './marked-media.ts'
import { transportSegments } from './transport-segments.ts'

/** The channels service on the IVS fake, with recordings in moto's S3. */
export type IvsRig = AsyncDisposable & {
  fake: IvsFake
  store: ReturnType<typeof s3ObjectStore>
  service: ChannelsService
  /** A creator's publisher on the air, with everything that AWS tells and stores of it. */
  onAir(sub?: string): Promise<IvsShow>
  /** A worker on Spot, as its container starts it, woken through moto's SQS; apps answer under their names. */
  worker(apps: Readonly<Record<string, ServiceApp>>, queues: readonly string[]): Promise<IvsWorker>
}

export type IvsShow = {
  id: string
  tell: Teller
  recording: IvsRecorder
  publisher: IvsPublisher
  stream(): Promise<StreamAnswer>
  ledger(): Promise<StreamLedgerAnswer>
  /** Stores the second of that number in every rendition; gives the keys. */
  record(index: number): Promise<string[]>
  segments(): Promise<EventOf<'segment.finalized'>[]>
  /** The publisher goes, and AWS says so. */
  leave(): Promise<void>
}

export type IvsWorker = AsyncDisposable & {
  wake(wake: Wake): Promise<void>
  output(): string
  /** Accounts and audiences that its calls were signed for. */
  signed: { account: string; audience: string }[]
}

type Teller = ReturnType<typeof teller>

const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const BUCKET = 'showreel-media'
const RENDITIONS = [
  { name: '90p30', width: 160, height: 90 },
  { name: '180p30', width: 320, height: 180 },
]
/** Pictures in a row that are shown before one they are decoded after, as publishers send them. */
const B_FRAMES = 2
export const WORKER_ACCOUNT = 'worker@showreel.iam.gserviceaccount.com'
const AUDIENCE = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws'
const log = createLog({ service: 'test', level: 'silent' })

/** Starts it with marked media of so many seconds to record, in segments of one. */
export async function ivsRig({ seconds }: { seconds: number }): Promise<IvsRig> {
  await using starting = new AsyncDisposableStack()
  const moto = starting.use(await startEmulator(motoEmulator))
  const endpoint = `http://${moto.address}`
  const s3 = new S3Client({ region: IVS_REGION, endpoint, forcePathStyle: true, credentials: CREDENTIALS })
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  s3.destroy()
  const at = { bucket: BUCKET, region: IVS_REGION, credentials: CREDENTIALS, endpoint }
  const store = starting.use(s3ObjectStore({ ...at, now: Date.now }))
  const fake = starting.use(await ivsFake())
  const plane = starting.use(
    ivsLiveChannels({
      region: IVS_REGION,
      accountId: IVS_ACCOUNT,
      credentials: CREDENTIALS,
      endpoint: fake.url,
      recordingConfigurationArn: `arn:aws:ivs:${IVS_REGION}:${IVS_ACCOUNT}:recording-configuration/AbCdEf`,
      recordings: store,
      now: () => fake.clock.nowMs,
    }),
  )
  const service = starting.use(await channelsService({ plane, store }))
  const source = await markedMedia({ fps: 30, seconds, width: 320, height: 180 })
  const media = new Map<string, Uint8Array[]>()
  for (const { name, height } of RENDITIONS) {
    media.set(name, await transportSegments(source.path, { segmentS: 1, height, bFrames: B_FRAMES }))
  }
  const parts = starting.move()
  return {
    fake,
    store,
    service,
    onAir: sub => onAir({ fake, store, service, media }, sub),
    worker: (apps, queues) => worker(endpoint, service, apps, queues),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}

type OnAirParts = Pick<IvsRig, 'fake' | 'store' | 'service'> & { media: ReadonlyMap<string, Uint8Array[]> }

async function onAir({ fake, store, service, media }: OnAirParts, sub = 'alice'): Promise<IvsShow> {
  // Amazon's clock and ours are the same; neither goes back.
  fake.clock.nowMs = Math.max(fake.clock.nowMs, service.clock.nowMs)
  const call = service.as(sub)
  const { body: channel } = (await call('POST', '/v1/channels', { title: 'On IVS' })) as Reply<ChannelAnswer>
  const path = `/v1/channels/${channel.id}/stream-keys`
  const { body: key } = (await call('POST', path, {})) as Reply<CreatedStreamKeyAnswer>
  const publisher = fake.goLive(key.secret, async () => await recording.end())
  const tell = teller(service, publisher)
  await tell.stream('Stream Start')
  const recording = await ivsRecorder({
    store,
    accountId: IVS_ACCOUNT,
    channelArn: publisher.channelArn,
    startedAt: publisher.startedAt,
    recordingId: 'j8Z9O91ndcVs',
    renditions: RENDITIONS,
  })
  await tell.recording('Recording Start', recording.prefix)
  const { body } = (await call('GET', `/v1/streams?channel=${channel.id}`)) as Reply<{ data: StreamAnswer[] }>
  const id = body.data[0]?.id ?? ''
  return {
    id,
    tell,
    recording,
    publisher,
    stream: async () => (await call('GET', `/v1/streams/${id}`)).body,
    ledger: async () => (await call('GET', `/v1/streams/${id}/ledger`)).body,
    record: async index =>
      await recording.segment(
        Object.fromEntries([...media].map(([name, all]) => [name, all[index] ?? new Uint8Array()])),
        1,
      ),
    segments: async () =>
      (await service.events(id)).filter(
        (event): event is EventOf<'segment.finalized'> => event.type === 'segment.finalized',
      ),
    leave: async () => {
      await publisher.leave()
      await tell.stream('Stream End')
      await tell.recording('Recording End', recording.prefix)
      await tell.stream('Session Ended')
    },
  }
}

/** AWS's own events of one show, through the typed form to the service. */
function teller(service: ChannelsService, publisher: IvsPublisher) {
  let told = 0
  const send = async (source: string, says: string, resource: string, detail: object) => {
    const raw = rawEvent.parse({
      version: '0',
      id: `${publisher.streamId} ${(told += 1)}`,
      account: IVS_ACCOUNT,
      region: IVS_REGION,
      time: new Date(Date.parse(publisher.startedAt) + told * 10).toISOString(),
      source,
      'detail-type': says,
      resources: [resource],
      detail,
    })
    const typed = typedEvent(raw)
    if (typed !== undefined) expect(await service.push('channels--media', typed)).toBe(204)
  }
  const show = { channel_name: 'On IVS', stream_id: publisher.streamId }
  return {
    stream: async (event_name: string) =>
      await send('aws.ivs', 'IVS Stream State Change', publisher.channelArn, { ...show, event_name }),
    recording: async (recording_status: string, prefix: string) =>
      await send('aws.ivs', 'IVS Recording State Change', publisher.channelArn, {
        ...show,
        recording_status,
        recording_s3_bucket_name: BUCKET,
        recording_s3_key_prefix: prefix,
      }),
    object: async (key: string) =>
      await send('aws.s3', 'Object Created', `arn:aws:s3:::${BUCKET}`, {
        bucket: { name: BUCKET },
        object: { key, size: 1, etag: 'etag', sequencer: '0' },
      }),
  }
}

async function worker(
  endpoint: string,
  service: ChannelsService,
  apps: Readonly<Record<string, ServiceApp>>,
  queues: readonly string[],
): Promise<IvsWorker> {
  const calls = serviceCalls({ key: new Uint8Array(32).fill(7), issuer: 'test', now: () => service.clock.nowMs })
  const fetchApp = (request: Request): Response | Promise<Response> => {
    const [, , name = ''] = new URL(request.url).pathname.split('/')
    return apps[name]?.fetch(request) ?? new Response(null, { status: 404 })
  }
  await using starting = new AsyncDisposableStack()
  const control = await serveHttp({ port: 0, log, name: 'control', fetch: fetchApp })
  starting.defer(() => control.close())
  const google = starting.use(await googleIdentityFake(async audience => await calls.sign(audience, 'worker')))
  const at = { region: IVS_REGION, credentials: CREDENTIALS, endpoint }
  const sqs = new SQSClient(at)
  const queueUrls: Record<string, string> = {}
  for (const QueueName of queues) {
    queueUrls[QueueName] = (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? ''
  }
  sqs.destroy()
  const queue = starting.use(sqsTaskQueue({ ...at, queueUrls, now: Date.now }))
  const process = starting.use(
    cloudEntry('run-services/worker/main.ts', {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_REGION: IVS_REGION,
      PUBLIC_URL: control.url,
      WAKE_QUEUES: JSON.stringify(queueUrls),
      WORKER_ACCOUNT,
      WORKLOAD_IDENTITY_AUDIENCE: AUDIENCE,
      TOKEN_URL: google.tokenUrl,
      SIGN_URL: google.signUrl,
    }),
  )
  const parts = starting.move()
  return {
    wake: ({ queue: name, jobId, attempt }) => queue.wake({ queue: name, jobId, attempt }),
    output: () => process.output(),
    signed: google.signed,
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}
