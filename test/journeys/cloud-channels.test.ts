import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { exportPKCS8, generateKeyPair, UnsecuredJWT } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { freePort } from '#local/supervisor/free-port.ts'
import type { CreatedChannelAnswer } from '#run-services/channels/channel-answer.ts'
import type { PlaybackTokenAnswer } from '#run-services/channels/playback-token-answer.ts'
import { typedEvent } from '#functions/media-events/typed-event.ts'
import { rawEvent } from '#shared/domain/raw-event.ts'
import { cloudEntry } from '../helpers/cloud-entry.ts'
import { missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { IVS_ACCOUNT, IVS_REGION, ivsFake } from '../helpers/emulators/ivs-fake.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { startSecretManagerFake } from '../helpers/emulators/secret-manager-fake.ts'
import { startSpannerDatabases } from '../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { tokenIssuer } from '../helpers/token-issuer.ts'

const STACK = 'test'
const PREFIX = 'showreel-test-'
const PUSHER = 'test-pusher@showreel-emulated.iam.gserviceaccount.com'
const PRELOAD = join(import.meta.dirname, '../helpers/google-without-tls-child.ts')
const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const missing = [spannerEmulator, motoEmulator].map(missingEmulator).find(sentence => sentence !== undefined)

/** The metadata server of a machine: it says who the machine is. */
async function machine(): Promise<AsyncDisposable & { url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const audience = new URL(request.url ?? '', 'http://metadata.test').searchParams.get('audience') ?? ''
    asked.push(audience)
    response.end(new UnsecuredJWT({ aud: audience, exp: Math.floor(Date.now() / 1_000) + 3_600 }).encode())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    asked,
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

// Six servers start before the one that is tested, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(missing !== undefined)(`channels in the clouds${missing === undefined ? '' : `: ${missing}`}`, () => {
  test('the container’s own entry makes a channel on IVS, takes the bus’s word of its show, and ends with 0', async () => {
    await using parts = new AsyncDisposableStack()
    const spanner = parts.use(await startSpannerDatabases())
    const database = await spanner.create('channels')
    const moto = parts.use(await startEmulator(motoEmulator))
    const endpoint = `http://${moto.address}`
    const s3 = new S3Client({ region: IVS_REGION, endpoint, forcePathStyle: true, credentials: CREDENTIALS })
    await s3.send(new CreateBucketCommand({ Bucket: 'media' }))
    s3.destroy()
    const ivs = parts.use(await ivsFake())
    ivs.clock.nowMs = Date.now()
    const google = parts.use(await tokenIssuer())
    const metadata = parts.use(await machine())
    const { privateKey } = await generateKeyPair('ES384', { extractable: true })
    const at = (name: string) => `projects/${database.projectId}/secrets/${PREFIX}${name}`
    const random = ['cursors', 'sealing', 'stream-keys', 'service-calls', 'playback-tokens'].map(
      name => [at(name), createHash('sha256').update(name).digest()] as const,
    )
    const pem = [at('playback-signing'), Buffer.from(await exportPKCS8(privateKey))] as const
    const secrets = parts.use(await startSecretManagerFake(new Map<string, Uint8Array>([...random, pem])))
    const port = String(await freePort())
    const url = `http://127.0.0.1:${port}`
    const channels = cloudEntry('run-services/channels/main.ts', {
      ...spanner.environment,
      NODE_OPTIONS: `--import=${PRELOAD}`,
      SECRETS_FAKE: secrets.address,
      PORT: port,
      STACK,
      GOOGLE_CLOUD_PROJECT: database.projectId,
      SPANNER_INSTANCE: database.instance,
      SPANNER_DATABASE: database.database,
      SECRETS_PREFIX: PREFIX,
      PUSH_SIGNER: PUSHER,
      CALLS_ISSUER: google.issuer,
      CALLS_KEYS: google.keysUrl,
      USER_ISSUER: google.issuer,
      USER_AUDIENCE: 'showreel',
      TASKS_LOCATION: 'us-east4',
      TASKS_SIGNER: PUSHER,
      WAKE_QUEUES: '{}',
      PUBLIC_URL: url,
      MEDIA_URL: 'https://media.test',
      MEDIA_BUCKET: 'media',
      MEDIA_PLANE: 'ivs',
      IVS_RECORDING: `arn:aws:ivs:${IVS_REGION}:${IVS_ACCOUNT}:recording-configuration/AbCdEf`,
      AWS_REGION: IVS_REGION,
      AWS_ROLE_ARN: `arn:aws:iam::${IVS_ACCOUNT}:role/channels`,
      AWS_TOKEN_AUDIENCE: 'https://sts.amazonaws.com/showreel-test',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_IVS: ivs.url,
      METADATA_URL: metadata.url,
      RECONCILE_EVERY: '3600',
    })
    parts.use(channels)
    await eventually(
      async () => (await fetch(`${url}/readyz`)).status,
      status => expect(status, channels.output()).toBe(200),
      { withinMs: 60_000 },
    )
    const json = { 'content-type': 'application/json' }
    const asPerson = {
      ...json,
      authorization: `Bearer ${await google.sign('showreel', 'alice@showreel.test', { roles: ['creator'] })}`,
    }
    const body = JSON.stringify({ title: 'On IVS' })
    const made = await fetch(`${url}/v1/channels`, { method: 'POST', headers: asPerson, body })
    expect(made.status, channels.output()).toBe(201)
    const channel = (await made.json()) as CreatedChannelAnswer
    expect(channel.playback?.hls_url).toMatch(/^https:\/\/.+\.playback\.live-video\.net\/.+\.m3u8\?token=/)
    expect(channel.ingest?.rtmp_url).toMatch(/^rtmps:\/\//)
    expect(metadata.asked).toContain('https://sts.amazonaws.com/showreel-test')
    const wanted = JSON.stringify({ playback_id: channel.playback_id })
    const minted = await fetch(`${url}/v1/playback-tokens`, { method: 'POST', headers: asPerson, body: wanted })
    const pass = (await minted.json()) as PlaybackTokenAnswer
    expect(pass.url, channels.output()).toMatch(/^https:\/\/.+\.playback\.live-video\.net\/.+\.m3u8\?token=/)
    expect(Date.parse(pass.expires_at)).toBeGreaterThan(Date.now())

    const publisher = ivs.goLive(channel.stream_key.secret)
    const event = typedEvent(
      rawEvent.parse({
        version: '0',
        id: 'e1',
        account: IVS_ACCOUNT,
        region: IVS_REGION,
        time: publisher.startedAt,
        source: 'aws.ivs',
        'detail-type': 'IVS Stream State Change',
        resources: [publisher.channelArn],
        detail: { event_name: 'Stream Start', channel_name: 'On IVS', stream_id: publisher.streamId },
      }),
    )
    const data = Buffer.from(JSON.stringify(event)).toString('base64')
    const push = JSON.stringify({ message: { messageId: 'm1', data }, subscription: 'channels--media' })
    const asBus = { ...json, authorization: `Bearer ${await google.sign('channels', PUSHER)}` }
    const told = await fetch(`${url}/push/channels--media`, { method: 'POST', headers: asBus, body: push })
    expect(told.status, channels.output()).toBe(204)
    const seen = await fetch(`${url}/v1/streams?channel=${channel.id}`, { headers: asPerson })
    expect(await seen.json()).toMatchObject({ data: [{ state: 'live', epoch: 1 }] })
    await channels[Symbol.asyncDispose]()
    expect(await channels.ended).toBe(0)
  })
})
