import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { typedEvent } from '#functions/media-events/typed-event.ts'
import type { ChannelAnswer } from '#run-services/channels/channel-answer.ts'
import { reconcileChannels } from '#run-services/channels/reconcile-channels.ts'
import type { StreamAnswer, StreamLedgerAnswer } from '#run-services/channels/stream-answer.ts'
import type { CreatedStreamKeyAnswer } from '#run-services/channels/stream-key-answer.ts'
import type { EventOf } from '#shared/domain/domain-event.ts'
import { rawEvent } from '#shared/domain/raw-event.ts'
import { ivsLiveChannels } from '#shared/ports/live-channels/ivs-live-channels.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { sqsTaskQueue } from '#shared/ports/task-queue/sqs-task-queue.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { type ChannelsService, channelsService, type Reply } from '../helpers/channels-service.ts'
import { cloudEntry } from '../helpers/cloud-entry.ts'
import { missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { googleIdentityFake } from '../helpers/emulators/google-identity-fake.ts'
import { IVS_ACCOUNT, IVS_REGION, type IvsFake, ivsFake, type IvsPublisher } from '../helpers/emulators/ivs-fake.ts'
import { ivsRecorder } from '../helpers/emulators/ivs-recorder.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { transportSegments } from '../helpers/transport-segments.ts'

const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const BUCKET = 'showreel-media'
const RENDITIONS = [
  { name: '180p30', width: 320, height: 180 },
  { name: '90p30', width: 160, height: 90 },
]
const SECONDS = 3
const missing = missingEmulator(motoEmulator)
const log = createLog({ service: 'test', level: 'silent' })

describe.skipIf(missing !== undefined)(`a show on IVS${missing === undefined ? '' : `: ${missing}`}`, () => {
  const parts = new AsyncDisposableStack()
  const media = new Map<string, Uint8Array[]>()
  let fake: IvsFake
  let store: ReturnType<typeof s3ObjectStore>
  let service: ChannelsService
  /** What the SDK reads in a process of its own. */
  let aws: Record<string, string>

  beforeAll(async () => {
    const moto = parts.use(await startEmulator(motoEmulator))
    const endpoint = `http://${moto.address}`
    const { accessKeyId, secretAccessKey } = CREDENTIALS
    aws = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    const s3 = new S3Client({ region: IVS_REGION, endpoint, forcePathStyle: true, credentials: CREDENTIALS })
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
    s3.destroy()
    const at = { bucket: BUCKET, region: IVS_REGION, credentials: CREDENTIALS, endpoint }
    store = parts.use(s3ObjectStore({ ...at, now: Date.now }))
    fake = parts.use(await ivsFake())
    const plane = parts.use(
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
    service = parts.use(await channelsService({ plane, store }))
    for (const { name, width, height } of RENDITIONS) {
      media.set(name, await transportSegments({ seconds: SECONDS, segmentS: 1, width, height }))
    }
  })
  afterAll(async () => await parts.disposeAsync())

  /** A creator's publisher on the air, with everything that AWS tells and stores of it. */
  async function onAir() {
    const call = service.as('alice')
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
    const streams = async () =>
      ((await call('GET', `/v1/streams?channel=${channel.id}`)).body as { data: StreamAnswer[] }).data
    const [stream] = await streams()
    const id = stream?.id ?? ''
    return {
      id,
      tell,
      recording,
      publisher,
      stream: async () => (await call('GET', `/v1/streams/${id}`)).body as StreamAnswer,
      ledger: async () => (await call('GET', `/v1/streams/${id}/ledger`)).body as StreamLedgerAnswer,
      record: async (index: number) =>
        await recording.segment(
          Object.fromEntries([...media].map(([name, all]) => [name, all[index] ?? new Uint8Array()])),
          1,
        ),
      segments: async () =>
        (await service.events(id)).filter(
          (event): event is EventOf<'segment.finalized'> => event.type === 'segment.finalized',
        ),
    }
  }

  test('becomes segments as its objects arrive, and ends with a ledger that is 0 off and a verified archive', async () => {
    const show = await onAir()
    for (let index = 0; index < SECONDS; index += 1) {
      for (const key of await show.record(index)) await show.tell.object(key)
    }
    expect((await show.stream()).playback.hls_url).toMatch(
      /^https:\/\/.+\.playback\.live-video\.net\/api\/video\/v1\/.+\.m3u8$/,
    )
    const segments = await show.segments()
    expect(segments.map(({ data }) => data.segment.seq)).toEqual([0, 1, 2])
    expect(segments[1]?.data.segment).toMatchObject({
      epoch: 1,
      pdt: new Date(Date.parse(show.publisher.startedAt) + 1_000).toISOString(),
      duration_ms: 1_000,
      renditions: [
        { name: '180p30', uri: `${show.recording.prefix}/media/hls/180p30/1.ts`, etag: expect.any(String) },
        { name: '90p30', uri: `${show.recording.prefix}/media/hls/90p30/1.ts`, etag: expect.any(String) },
      ],
    })
    await show.publisher.leave()
    await show.tell.stream('Stream End')
    await show.tell.recording('Recording End', show.recording.prefix)
    await show.tell.stream('Session Ended')
    expect(await show.stream()).toMatchObject({ state: 'ended' })
    expect(await show.ledger()).toMatchObject({
      produced: 3,
      stored: 3,
      indexed: 3,
      off: 0,
      missing: [],
      complete: true,
    })
    const { hls_url: recorded } = (await show.stream()).playback
    expect(recorded).toBe(`http://media.test:8081/${show.recording.prefix}/media/hls/master.m3u8`)
    expect(await store.head(new URL(recorded).pathname.slice(1))).toBeDefined()
    await archive(service, aws, show.id)
    expect(await show.stream()).toMatchObject({ state: 'archived', archive: { segments: 3, lost: [] } })
  })

  test('has one key: a rotation ends the old one at once, whatever grace was asked for, and says so', async () => {
    const call = service.as('bob')
    const { body: channel } = (await call('POST', '/v1/channels', { title: 'Keys' })) as Reply<ChannelAnswer>
    const path = `/v1/channels/${channel.id}/stream-keys`
    const { body: key } = (await call('POST', path, {})) as Reply<CreatedStreamKeyAnswer>
    const onAir = fake.goLive(key.secret)
    const rotated = (await call('POST', `${path}/${key.id}/rotate`, { grace_s: 60 })) as Reply<CreatedStreamKeyAnswer>
    expect([fake.admits(key.secret), fake.admits(rotated.body.secret)]).toEqual([false, true])
    expect(onAir.over()).toBe('stopped')
    const { data } = (await call('GET', path)).body as KeyStates
    expect(data.map(({ state }) => state)).toEqual(['revoked', 'revoked', 'active'])
  })

  test('of which every object report is lost or doubled is made good by asking, once', async () => {
    const show = await onAir()
    await show.record(0)
    await show.record(1)
    await reconcileChannels(service.deps, new Map())
    expect((await show.segments()).map(({ data }) => data.segment.seq)).toEqual([0, 1])
    const keys = await show.record(2)
    for (const key of [...keys, ...keys.toReversed()]) await show.tell.object(key)
    expect((await show.segments()).map(({ data }) => data.segment.seq)).toEqual([0, 1, 2])
    await show.publisher.leave()
    expect(await show.ledger()).toMatchObject({ off: 0, indexed: 3 })
  })
})

/** Key states of a channel, oldest first, as its owner sees them. */
type KeyStates = { data: { state: string }[] }

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

/** What the bus, SQS and a worker on Spot do once a show has ended: the worker is its container's own entry. */
async function archive(service: ChannelsService, aws: Record<string, string>, streamId: string): Promise<void> {
  const ended = (await service.events(streamId)).find(({ type }) => type === 'stream.ended')
  if (ended === undefined) throw new Error('The show did not end.')
  expect(await service.push('channels--streams', ended)).toBe(204)
  const wake = service.wakes.findLast(({ queue }) => queue === 'archive-stream')
  if (wake === undefined) throw new Error('Nobody was woken.')

  const calls = serviceCalls({ key: new Uint8Array(32).fill(7), issuer: 'test', now: () => service.clock.nowMs })
  const control = await serveHttp({ port: 0, log, name: 'control', fetch: service.app.fetch })
  await using google = await googleIdentityFake(async audience => await calls.sign(audience, 'worker'))
  const at = { region: IVS_REGION, credentials: CREDENTIALS, endpoint: aws['AWS_ENDPOINT_URL'] ?? '' }
  const sqs = new SQSClient(at)
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'archive-stream' }))
  sqs.destroy()
  const queueUrls = { 'archive-stream': QueueUrl }
  using queue = sqsTaskQueue({ ...at, queueUrls, now: Date.now })
  await queue.wake({ queue: wake.queue, jobId: wake.jobId, attempt: wake.attempt })
  await using worker = cloudEntry('run-services/worker/main.ts', {
    ...aws,
    AWS_REGION: IVS_REGION,
    PUBLIC_URL: control.url,
    WAKE_QUEUES: JSON.stringify(queueUrls),
    WORKER_ACCOUNT: 'worker@showreel.iam.gserviceaccount.com',
    WORKLOAD_IDENTITY_AUDIENCE:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws',
    TOKEN_URL: google.tokenUrl,
    SIGN_URL: google.signUrl,
  })
  await eventually(
    async () => (await service.events(streamId)).map(({ type }) => type),
    types => expect(types, worker.output()).toContain('stream.archived'),
    { withinMs: 30_000 },
  )
  expect(google.signed).not.toHaveLength(0)
  const asked = { account: 'worker@showreel.iam.gserviceaccount.com', audience: 'channels' }
  for (const signed of google.signed) expect(signed).toEqual(asked)
  await control.close()
}
