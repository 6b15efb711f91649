import { Redis } from 'ioredis'
import type { Log } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'

export type RedisLinkOptions = {
  /** `redis://host:port`, or `rediss://host:port` over TLS. */
  url: string
  /** What the server asks for, fetched anew for each connection: IAM tokens live an hour. None when left out. */
  password?: () => Promise<string>
  /**
   * The only authority that is trusted, PEM. Memorystore gives each instance its own, which vouches for nobody else, and
   * its certificates name no address: so with it the server's name is not compared.
   */
  ca?: string
  log: Log
}

/** A connection to Redis or Valkey that comes back by itself. */
export type RedisLink = Disposable & {
  /** Takes commands only while connected: what cannot be sent now is refused at once. */
  readonly redis: Redis
  isUp(): boolean
  /** Called at each connection, the first included, also when it is there already. */
  whenUp(listener: () => void): void
}

const CONNECT_MS_MAX = 2_000
/** Longest wait for one answer, in ms: a caller waits no longer for something that only bounds or saves work. */
const COMMAND_MS_MAX = 500
/** Silence after which a connection with a question open is given up, in ms. */
const SILENCE_MS_MAX = 2_000
/** A connection on which nothing is said is asked this often, in ms. */
const PROBE_EVERY_MS = 10_000
const BACKOFF_MIN_MS = 100
const BACKOFF_MAX_MS = 5_000
const PORT = 6_379

/** Connects, and again after each loss, with growing pauses; says in the log when it is lost and when it is back. */
export function redisLink(options: RedisLinkOptions): RedisLink {
  const { protocol, hostname, port, password } = new URL(options.url)
  const redis = new Redis({
    host: hostname,
    port: port === '' ? PORT : Number(port),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: tlsOf(options.ca) } : {}),
    lazyConnect: true,
    // The loop below reconnects: each time with a fresh password.
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: COMMAND_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
  })
  const ended = new AbortController()
  const isUp = (): boolean => redis.status === 'ready'
  void keepConnected(redis, options, ended.signal)
  return {
    redis,
    isUp,
    whenUp: listener => {
      redis.on('ready', listener)
      if (isUp()) listener()
    },
    [Symbol.dispose]: () => {
      ended.abort()
      redis.disconnect()
    },
  }
}

function tlsOf(ca: string | undefined): { ca?: string; checkServerIdentity?: () => undefined } {
  return ca === undefined ? {} : { ca, checkServerIdentity: () => undefined }
}

async function keepConnected(redis: Redis, { password, log }: RedisLinkOptions, signal: AbortSignal): Promise<void> {
  let failures = 0
  let problem: unknown
  redis.on('error', (error: unknown) => (problem = error))
  while (!signal.aborted) {
    try {
      if (password !== undefined) redis.options.password = await password()
      if (signal.aborted) return
      await redis.connect()
      if (failures > 0) log.info('what instances share is back')
      failures = 0
      problem = undefined
      await untilGone(redis, signal)
    } catch (error) {
      problem ??= error
    }
    if (signal.aborted) return
    if (failures === 0) log.warn({ err: problem }, 'what instances share is away; each stands alone until it is back')
    failures += 1
    const most = Math.min(BACKOFF_MIN_MS * 2 ** failures, BACKOFF_MAX_MS)
    // Instances that lost it together do not come back together: every login is checked, and those are rationed.
    await pause(most / 2 + (Math.random() * most) / 2, signal)
  }
}

/** Asks now and then whether the server is still there; one that is silent loses the connection by `socketTimeout`. */
async function untilGone(redis: Redis, signal: AbortSignal): Promise<void> {
  const gone = new AbortController()
  const note = (): void => gone.abort()
  redis.once('end', note)
  const over = AbortSignal.any([signal, gone.signal])
  if (redis.status === 'end') gone.abort()
  while (!over.aborted) {
    await pause(PROBE_EVERY_MS, over)
    if (!over.aborted) await redis.ping().catch(() => undefined)
  }
  redis.off('end', note)
}
