import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { freePort } from '#local/supervisor/free-port.ts'
import { cloudEntry } from '../helpers/cloud-entry.ts'
import { missingEmulator } from '../helpers/emulators/emulator-process.ts'
import { redisOverTlsMissing, startRedisOverTls } from '../helpers/emulators/redis-over-tls.ts'
import { startSecretManagerFake } from '../helpers/emulators/secret-manager-fake.ts'
import { startSpannerDatabases } from '../helpers/emulators/spanner-databases.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { tokenIssuer } from '../helpers/token-issuer.ts'

const PREFIX = 'showreel-test-'
const PRELOAD = join(import.meta.dirname, '../helpers/google-without-tls-child.ts')
const REQUESTS = 6
const TOKEN = 'access-token-of-the-machine'
const missing = missingEmulator(spannerEmulator) ?? redisOverTlsMissing()

/** The metadata server of a machine, as far as it gives access tokens. */
async function machine(): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_request, response) => void response.end(JSON.stringify({ access_token: TOKEN })))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

// Five servers start one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 })

describe.skipIf(missing !== undefined)(
  `two instances in the clouds${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test('count one person together, each for itself while Redis is away, and nobody by the load balancer’s address', async () => {
      await using parts = new AsyncDisposableStack()
      const spanner = parts.use(await startSpannerDatabases())
      const database = await spanner.create('instances')
      const redis = parts.use(await startRedisOverTls(TOKEN))
      const metadata = parts.use(await machine())
      const google = parts.use(await tokenIssuer())
      const keys = ['cursors', 'sealing', 'service-calls'].map(name => {
        const bytes = createHash('sha256').update(name).digest()
        return [`projects/${database.projectId}/secrets/${PREFIX}${name}`, bytes] as const
      })
      const secrets = parts.use(await startSecretManagerFake(new Map<string, Uint8Array>(keys)))
      const instance = async () => {
        const port = String(await freePort())
        const url = `http://127.0.0.1:${port}`
        const feed = cloudEntry('run-services/feed/main.ts', {
          ...spanner.environment,
          NODE_OPTIONS: `--import=${PRELOAD}`,
          SECRETS_FAKE: secrets.address,
          PORT: port,
          STACK: 'test',
          GOOGLE_CLOUD_PROJECT: database.projectId,
          SPANNER_INSTANCE: database.instance,
          SPANNER_DATABASE: database.database,
          SECRETS_PREFIX: PREFIX,
          PUSH_SIGNER: 'pusher@showreel-emulated.iam.gserviceaccount.com',
          CALLS_ISSUER: google.issuer,
          CALLS_KEYS: google.keysUrl,
          USER_ISSUER: google.issuer,
          USER_AUDIENCE: 'showreel',
          PUBLIC_URL: url,
          MEDIA_URL: 'https://media.test',
          REDIS_URL: redis.url,
          REDIS_CA: redis.ca,
          REDIS_AUTH: 'google',
          METADATA_URL: metadata.url,
          RATE_LIMIT: String(REQUESTS),
        })
        parts.use(feed)
        await eventually(
          async () => (await fetch(`${url}/readyz`)).status,
          status => expect(status, feed.output()).toBe(200),
          { withinMs: 60_000 },
        )
        return { url, output: feed.output }
      }
      const instances = [await instance(), await instance()]
      const ask = async (index: number, who?: string) => {
        const { url = '' } = instances[index % instances.length] ?? {}
        const bearer = who === undefined ? {} : { authorization: `Bearer ${await google.sign('showreel', who)}` }
        return await fetch(`${url}/v1/feed`, { headers: bearer })
      }
      const remaining = async (index: number, who: string) => {
        const answer = await ask(index, who)
        return [answer.status, /remaining=(\d+)/u.exec(answer.headers.get('ratelimit') ?? '')?.[1]]
      }

      const answers = []
      for (let index = 0; index < REQUESTS; index += 1) answers.push(await remaining(index, 'vera'))
      expect(answers).toEqual(answers.map((_, index) => [200, String(REQUESTS - 1 - index)]))
      for (const index of [0, 1]) expect((await ask(index, 'vera')).status).toBe(429)
      expect(await remaining(0, 'wim')).toEqual([200, String(REQUESTS - 1)])
      for (let index = 0; index < REQUESTS * 2; index += 1) {
        const answer = await ask(index)
        expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, null])
      }

      await redis.process.kill()
      for (const { output } of instances) {
        await eventually(
          () => output(),
          text => expect(text).toContain('what instances share is away'),
        )
      }
      for (const index of [0, 1]) expect(await remaining(index, 'vera')).toEqual([200, String(REQUESTS - 1)])
      await redis.process.revive()
      for (const { output } of instances) {
        await eventually(
          () => output(),
          text => expect(text).toContain('what instances share is back'),
        )
      }
      expect(await remaining(0, 'xenia')).toEqual([200, String(REQUESTS - 1)])
      expect(await remaining(1, 'xenia')).toEqual([200, String(REQUESTS - 2)])
    })
  },
)
