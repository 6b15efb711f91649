import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { QUEUES, SUBSCRIPTIONS, TOPICS } from '#shared/domain/topology.ts'
import { pubsubClient } from '#shared/ports/event-bus/pubsub-event-bus.ts'
import { makePubsubTopology } from '#shared/ports/event-bus/pubsub-topology.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import type { SecretName } from '#shared/ports/secrets/secrets.ts'
import { startCloudTasksFake } from '#test/helpers/emulators/cloud-tasks-fake.ts'
import { type EmulatorIdentity, startEmulatorIdentity } from '#test/helpers/emulators/emulator-identity.ts'
import { missingEmulator, startEmulator } from '#test/helpers/emulators/emulator-process.ts'
import { motoBucket } from '#test/helpers/emulators/moto-bucket.ts'
import { motoEmulator } from '#test/helpers/emulators/moto-emulator.ts'
import { pubsubBridge } from '#test/helpers/emulators/pubsub-bridge.ts'
import { pubsubServiceEmulator } from '#test/helpers/emulators/pubsub-service-emulator.ts'
import { redisEmulator } from '#test/helpers/emulators/redis-emulator.ts'
import { startSpannerDatabases } from '#test/helpers/emulators/spanner-databases.ts'
import { type SecretManagerFake, startSecretManagerFake } from '#test/helpers/emulators/secret-manager-fake.ts'
import { spannerEmulator } from '#test/helpers/emulators/spanner-emulator.ts'
import { startHandOff } from '#test/helpers/emulators/moto-hand-off.ts'

/** The clouds' data services on one machine: Google's emulators, moto's S3, a Redis, and Cloud Tasks as we make it. */
export type Emulators = AsyncDisposable & {
  /** What the children read to speak to them. */
  readonly env: Readonly<Record<string, string>>
}

const PROJECT = 'showreel-emulated'
const LOCATION = 'us-east4'
const PUSHER = `pusher@${PROJECT}.iam.gserviceaccount.com`
const DATABASE = 'showreel'
const BUCKET = 'showreel-media'
const SECRET_NAMES: readonly SecretName[] = [
  'service-calls',
  'cursors',
  'object-urls',
  'stream-keys',
  'sealing',
  'playback-tokens',
  'issuer',
]
/** What stays in a data directory when the records of its last run are gone. */
const KEPT = new Set(['run', 'secrets'])

/** Why the platform cannot run on emulators here; undefined when it can. */
export function emulatorsMissing(): string | undefined {
  const needed = [spannerEmulator, pubsubServiceEmulator, motoEmulator, redisEmulator]
  return needed.map(missingEmulator).find(sentence => sentence !== undefined)
}

/**
 * Starts the emulators, makes the schema and the topology on them, and signs what they push.
 *
 * They keep everything in memory, so what the last run left in the data directory is removed: no record speaks of it.
 */
export async function startEmulators(dataDir: string, controlUrl: string): Promise<Emulators> {
  const missing = emulatorsMissing()
  if (missing !== undefined) throw new Error(missing)
  for (const entry of readdirSync(dataDir).filter(name => !KEPT.has(name))) {
    rmSync(join(dataDir, entry), { recursive: true, force: true })
  }
  await using starting = new AsyncDisposableStack()
  const identity = starting.use(await startEmulatorIdentity())
  const databases = starting.use(await startSpannerDatabases())
  const [database, pubsub, tasks, secrets, objects, redis] = await Promise.all([
    databases.create(DATABASE),
    startBus(starting, identity, controlUrl),
    startCloudTasksFake({
      parent: `projects/${PROJECT}/locations/${LOCATION}`,
      queues: QUEUES,
      sign: async (audience, account) => await identity.sign(audience, account),
    }).then(fake => starting.use(fake)),
    startSecrets(dataDir).then(fake => starting.use(fake)),
    startObjects(starting),
    startEmulator(redisEmulator).then(emulator => starting.use(emulator)),
  ])
  await startHandOff(starting, { aws: objects, project: PROJECT, pubsub })
  const parts = starting.move()
  return {
    env: {
      ON: 'emulators',
      GOOGLE_PROJECT: PROJECT,
      GOOGLE_LOCATION: LOCATION,
      SPANNER_INSTANCE: database.instance,
      SPANNER_DATABASE: database.database,
      PUBSUB_ENDPOINT: pubsub,
      SECRETS_ENDPOINT: secrets.address,
      TASKS_ENDPOINT: tasks.address,
      OBJECTS_ENDPOINT: objects,
      OBJECTS_BUCKET: BUCKET,
      REDIS_URL: `redis://${redis.address}`,
      PUSH_ACCOUNT: PUSHER,
      PUSH_ISSUER: identity.issuer,
      PUSH_JWKS_URL: identity.jwksUrl,
    },
    [Symbol.asyncDispose]: async () => await parts.disposeAsync(),
  }
}

/** Secret Manager with the secrets of the data directory, which the media plane and the workers read there. */
async function startSecrets(dataDir: string): Promise<SecretManagerFake> {
  const directory = directorySecrets(join(dataDir, 'secrets'))
  const values = SECRET_NAMES.map(
    async name => [`projects/${PROJECT}/secrets/${name}`, await directory.get(name)] as const,
  )
  return await startSecretManagerFake(new Map(await Promise.all(values)))
}

/** S3 with the bucket of media; gives its address. */
async function startObjects(parts: AsyncDisposableStack): Promise<string> {
  const endpoint = `http://${parts.use(await startEmulator(motoEmulator)).address}`
  await motoBucket(endpoint, BUCKET)
  return endpoint
}

/** Pub/Sub with the topology; gives its address. */
async function startBus(parts: AsyncDisposableStack, identity: EmulatorIdentity, controlUrl: string): Promise<string> {
  const emulator = parts.use(await startEmulator(pubsubServiceEmulator))
  const client = pubsubClient({ projectId: PROJECT, endpoint: emulator.address, emulated: true })
  parts.defer(async () => await client.close())
  const bridge = parts.use(
    await pubsubBridge({
      client,
      subscriptions: SUBSCRIPTIONS,
      destination: ({ name, service }) => ({ url: `${controlUrl}/push/${name}`, audience: service }),
      sign: async audience => await identity.sign(audience, PUSHER),
    }),
  )
  const topics = TOPICS.map(({ name }) => name)
  await makePubsubTopology(client, { topics, subscriptions: SUBSCRIPTIONS, endpoint: bridge.endpoint })
  return emulator.address
}
